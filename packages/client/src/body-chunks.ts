import { finished, type Readable } from 'node:stream';
import { bodyOf, type Answer } from './answer.ts';

/** So many bytes may wait for a reader that is busy before the body is paused. */
const waitingBytes = 262_144;

/** Giving back less takes longer than it is worth. */
const smallBytes = 1024;

/** Told when waiting for a body begins and ends. */
export interface BodyWaits {
  begin(): void;
  end(): void;
}

/**
 * The chunks of an answer's body, as they came, those together that have come meanwhile. Iterating over the stream itself joins those that wait, which costs a tenth of reading
 * a long list.
 *
 * Chunks are good until the next ones are asked for: then its memory is given back. V8 counts it as its own, and with 64 MB of chunks that
 * wait for a collection collects everything, however large the heap is.
 *
 * Leaving the loop destroys the body. @throws whatever the body failed with, at once: what waits is then dropped
 *
 * @param waits - told of the time in which the reader waits, which is not that in which it works
 */
export async function* chunksOf(
  answer: Answer,
  waits?: BodyWaits,
): AsyncGenerator<readonly Buffer[], undefined> {
  const body = bodyOf(answer);
  const isOurs = answer.ownsChunks === true && body === answer.body;
  const waiting = new WaitingChunks(body);
  try {
    for (;;) {
      waits?.begin();
      const chunks = await waiting.next();
      waits?.end();
      if (chunks.length === 0) return undefined;
      if (answer.onChunk) for (const { length } of chunks) answer.onChunk(length);
      yield chunks;
      if (isOurs) for (const chunk of chunks) giveBack(chunk);
    }
  } finally {
    waiting.stop();
    body.destroy();
  }
}

/** Takes what a stream gives, and pauses it when too much waits. */
class WaitingChunks {
  readonly #body: Readable;
  readonly #stopListening: () => void;
  readonly #onData: (chunk: Buffer) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wake: (() => void) | undefined;
  #isOver = false;
  #failure: Error | undefined;

  constructor(body: Readable) {
    this.#body = body;
    this.#onData = (chunk) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      if (this.#bytes >= waitingBytes) body.pause();
      this.#wake?.();
    };
    this.#stopListening = finished(body, { writable: false }, (error) => {
      this.#isOver = true;
      this.#failure = error ?? undefined;
      this.#wake?.();
    });
    body.on('data', this.#onData);
  }

  /** Those that have come, at least one but at the end. */
  async next(): Promise<readonly Buffer[]> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const { destroyed, readableEnded } = this.#body;
      // When it was broken off a moment ago, its failure is still to be told.
      const isBroken = destroyed && !readableEnded;
      if (this.#isOver || (this.#chunks.length > 0 && !isBroken)) return this.#take();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  stop(): void {
    this.#stopListening();
    this.#body.off('data', this.#onData);
    // A body that is destroyed early emits an error, which is no news.
    this.#body.on('error', () => {});
  }

  #take(): readonly Buffer[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    if (this.#body.isPaused()) this.#body.resume();
    return chunks;
  }
}

/** Frees the memory of a chunk, unless it is a part of something larger. */
function giveBack({ buffer, byteLength }: Buffer): void {
  if (byteLength < smallBytes || buffer.byteLength !== byteLength) return;
  // Buffers of a stream are not shared between threads.
  (buffer as ArrayBuffer).transfer(0);
}
