import { messageOf } from './pem.ts';

/**
 * The JSON of what a request sends.
 *
 * @param what - what the request does, for messages
 * @throws TypeError when there is no JSON of it: it holds a BigInt, holds itself, or is a function
 */
export function jsonBody(body: unknown, what: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch (cause) {
    const said = messageOf(cause).replace(/\s+/g, ' ');
    throw new TypeError(`Cannot ${what}: it cannot be made JSON: ${said}`, { cause });
  }
  if (text === undefined)
    throw new TypeError(`Cannot ${what}: a ${typeof body} cannot be made JSON`);
  return text;
}
