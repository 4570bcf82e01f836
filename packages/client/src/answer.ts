import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** A server's answer whose body has not been read. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

/** One header's value; the first one when it was sent more than once. */
export function headerOf(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The body without its compression. It is inflated only as fast as it is read, so a small body cannot become a large one in memory. */
export function bodyOf(answer: Answer): Readable {
  if (headerOf(answer, 'content-encoding')?.toLowerCase() !== 'gzip') return answer.body;
  // Failures reach the reader of the last stream, so the callback has nothing to do.
  return pipeline(answer.body, createGunzip(), () => {});
}

/** Whether the body says that it is JSON. */
export function isJson(answer: Answer): boolean {
  return /^application\/([^;]+\+)?json\b/i.test(headerOf(answer, 'content-type') ?? '');
}

/**
 * The whole body as text.
 *
 * @throws RangeError when it is longer than `maxBytes`
 */
export async function readText(answer: Answer, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(answer) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes)
      throw new RangeError(
        `Cannot read an answer of more than ${maxBytes} bytes (option "maxObjectBytes")`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * The whole body as JSON.
 *
 * @throws Error that says what came instead, RangeError when it is longer than `maxBytes`
 */
export async function readJson(answer: Answer, server: string, maxBytes: number): Promise<unknown> {
  const text = await readText(answer, maxBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(
      `Cannot use the answer of server ${server}: it is not the JSON that it says it is: ${excerpt(text)}`,
      { cause },
    );
  }
}

/** The beginning of a text on one line, for messages. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return JSON.stringify(line.length > 200 ? `${line.slice(0, 200)}…` : line);
}

/** Refuses an answer that is not JSON, such as the login page of a proxy. */
export async function refuseUnlessJson(answer: Answer, server: string): Promise<void> {
  if (isJson(answer)) return;
  const type = headerOf(answer, 'content-type') ?? 'no content type';
  const text = await readText(answer, 65_536).catch(() => '');
  throw new Error(
    `Cannot use the answer of server ${server}: it is ${type} instead of JSON, so this may be no API server: ${excerpt(text)}`,
  );
}
