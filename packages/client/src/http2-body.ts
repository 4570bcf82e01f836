import { constants, type ClientHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import type { IdleTimer } from './idle-timer.ts';

/** What an {@link Http2Body} is made of. */
export interface Http2BodyOptions {
  readonly stream: ClientHttp2Stream;
  readonly silence: IdleTimer;
  /** Why the stream ended before its answer did. */
  readonly failureOf: (error: unknown) => Error;
  /** Called once, when nothing more comes. */
  readonly onEnd: () => void;
}

/** How much waits for a reader here; the rest of an unread answer stays in the stream's window. */
const highWaterMark = 262_144;

/**
 * The body of an answer over HTTP/2.
 *
 * Node ends the stream of a connection that broke as if its answer were complete. This ends only with an answer that is, and
 * fails otherwise. Destroying it resets its stream.
 */
export class Http2Body extends Readable {
  readonly #stream: ClientHttp2Stream;
  readonly #silence: IdleTimer;
  readonly #onEnd: () => void;
  #isComplete = false;

  constructor(options: Http2BodyOptions) {
    super({ highWaterMark });
    const { stream, silence, failureOf } = options;
    this.#stream = stream;
    this.#silence = silence;
    this.#onEnd = options.onEnd;
    // A body that is destroyed early emits an error; whoever reads sees it, and without a reader it is no news.
    this.on('error', () => {});
    const hasEnded = notingEnd(stream);
    stream.on('data', (chunk: Buffer) => {
      silence.note();
      if (this.push(chunk)) return;
      stream.pause();
      silence.end();
    });
    stream.once('end', () => {
      if (!hasEnded()) return;
      this.#isComplete = true;
      silence.stop();
      this.push(null);
    });
    const broken = (error?: unknown): void => {
      if (!this.#isComplete) this.destroy(failureOf(error));
    };
    stream.on('error', broken);
    stream.once('close', () => broken());
  }

  override _read(): void {
    this.#silence.begin();
    this.#stream.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#onEnd();
    this.#stream.removeAllListeners('data');
    letGo(this.#stream);
    callback(error);
  }
}

/**
 * Tells whether a stream ended because the server said so: Node then ends it before it closes it. When the server resets
 * it, even with the code that means no error, or the connection is gone, Node closes it before it ends it.
 */
function notingEnd(stream: ClientHttp2Stream): () => boolean {
  let hasEnded = stream.endAfterHeaders;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && !stream.closed) hasEnded = true;
    return push(chunk, encoding);
  };
  return () => hasEnded;
}

/** Resets a stream that nobody wants any more, and lets go what is on its way, without which it would never close. */
export function letGo(stream: ClientHttp2Stream): void {
  if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
  stream.resume();
}
