import { ByteCollector } from './byte-collector.ts';

const newline = 0x0a;

/** Cuts bytes into lines. It looks for the byte of a newline, which is never part of a longer UTF-8 sequence, so chunks may be cut anywhere. */
export class LineSplitter {
  readonly #rest: ByteCollector;

  /** @param maxBytes - how long a line may be; @param what - what a line is, for the message when it is longer */
  constructor(maxBytes: number, what = 'A line of the watch') {
    this.#rest = new ByteCollector(what, maxBytes);
  }

  /** The lines that end in this chunk, one by one; white space alone is none. @throws RangeError when a line is too long */
  *push(chunk: Buffer): Generator<string> {
    let from = 0;
    for (let to = chunk.indexOf(newline); to !== -1; to = chunk.indexOf(newline, from)) {
      const line = this.#rest.takeWith(chunk, from, to);
      from = to + 1;
      if (line.trim() !== '') yield line;
    }
    this.#rest.add(chunk, from, chunk.length);
  }

  /** What follows the last newline. */
  end(): string {
    return this.#rest.take();
  }
}
