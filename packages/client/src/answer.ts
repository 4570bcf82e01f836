import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ByteCollector } from './byte-collector.ts';

/** A server's answer whose body has not been read. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
  /** Whether nobody else has the chunks of the body, so that their memory can be given back. Default false. */
  readonly ownsChunks?: boolean;
  /** Told of the size of each chunk that is read, without compression. */
  readonly onChunk?: ((bytes: number) => void) | undefined;
}

/** One header's value; the first one when it was sent more than once. */
export function headerOf(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * The body without its compression. It is inflated only as fast as it is read, so a small body cannot become a large one in memory.
 *
 * @throws Error when it is compressed in a way that nobody asked for
 */
export function bodyOf(answer: Answer): Readable {
  const encoding = headerOf(answer, 'content-encoding')?.toLowerCase() ?? 'identity';
  if (encoding === 'identity') return answer.body;
  if (encoding !== 'gzip')
    throw new Error(
      `Cannot read an answer in the encoding ${excerpt(encoding)}: only gzip is known`,
    );
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
export async function readText(answer: Answer, server: string, maxBytes: number): Promise<string> {
  const text = new ByteCollector(`The answer of server ${server}`, maxBytes);
  for await (const chunk of bodyOf(answer) as AsyncIterable<Buffer>) {
    answer.onChunk?.(chunk.length);
    text.add(chunk, 0, chunk.length);
  }
  return text.take();
}

/**
 * The whole body as JSON.
 *
 * @throws Error that says what came instead, RangeError when it is longer than `maxBytes`
 */
export async function readJson(answer: Answer, server: string, maxBytes: number): Promise<unknown> {
  const text = await readText(answer, server, maxBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(
      `Cannot use the answer of server ${server}: it is not the JSON that it says it is: ${excerpt(text)}`,
      { cause },
    );
  }
}

/** The whole body. @throws RangeError when it is longer than `maxBytes` */
export async function readBytes(answer: Answer, server: string, maxBytes: number): Promise<Buffer> {
  const bytes = new ByteCollector(`The answer of server ${server}`, maxBytes);
  for await (const chunk of bodyOf(answer) as AsyncIterable<Buffer>) {
    answer.onChunk?.(chunk.length);
    bytes.add(chunk, 0, chunk.length);
  }
  return bytes.takeBytes();
}

/** The beginning of a body as text, up to the limit; what could be read, when reading fails. */
export async function readStart(answer: Answer, maxBytes: number): Promise<string> {
  const bytes = await readStartBytes(answer, maxBytes);
  return bytes.toString('utf8');
}

/** The same as bytes. */
export async function readStartBytes(answer: Answer, maxBytes: number): Promise<Buffer> {
  const start = new ByteCollector('The beginning of an answer', maxBytes);
  try {
    for await (const chunk of bodyOf(answer) as AsyncIterable<Buffer>) {
      answer.onChunk?.(chunk.length);
      start.add(chunk, 0, Math.min(chunk.length, maxBytes - start.size));
      if (start.size === maxBytes) break;
    }
  } catch {
    // What is there of it says more than why there is no more.
  }
  return start.takeBytes();
}

/** How much of a text is looked at for its beginning on one line. */
const excerptSource = 4096;

/** The beginning of a text on one line, for messages. */
export function excerpt(text: string): string {
  const line = text.slice(0, excerptSource).replace(/\s+/g, ' ').trim();
  return JSON.stringify(line.length > 200 ? `${line.slice(0, 200)}…` : line);
}

/** Refuses an answer that is not JSON, such as the login page of a proxy. */
export async function refuseUnlessJson(answer: Answer, server: string): Promise<void> {
  if (isJson(answer)) return;
  const type = headerOf(answer, 'content-type') ?? 'no content type';
  const text = await readStart(answer, 65_536);
  throw new Error(
    `Cannot use the answer of server ${server}: it is ${type} instead of JSON, so this may be no API server: ${excerpt(text)}`,
  );
}
