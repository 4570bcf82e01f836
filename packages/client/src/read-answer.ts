import { readBytes, readJson, refuseUnlessJson, type Answer } from './answer.ts';
import { messageOf } from './pem.ts';
import { isProtobuf } from './protobuf/negotiation.ts';

/**
 * The object that is an answer's whole body, in JSON or protobuf.
 *
 * @throws Error that says what came instead, RangeError when it is longer than `maxBytes`
 */
export async function readAnswer(
  answer: Answer,
  server: string,
  maxBytes: number,
): Promise<unknown> {
  if (!isProtobuf(answer)) {
    await refuseUnlessJson(answer, server);
    return readJson(answer, server, maxBytes);
  }
  const bytes = await readBytes(answer, server, maxBytes);
  const { readObject } = await import('./protobuf/readers.ts');
  try {
    return readObject(bytes);
  } catch (cause) {
    throw new Error(`Cannot use the answer of server ${server}: ${messageOf(cause)}`, { cause });
  }
}
