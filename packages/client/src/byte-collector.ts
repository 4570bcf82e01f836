/**
 * Pieces below this are copied into a page of this size, but for the first one. Kept as they are, each would cost a hundred bytes and more, and
 * hold on to the chunk that it was cut from: a server that sends byte by byte would need a hundred times the limit.
 */
const pageBytes = 4096;

/** Collects the pieces of something that arrives in chunks, up to a limit. */
export class ByteCollector {
  readonly #what: string;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #size = 0;
  /** Where small pieces are copied to: the bytes up to `#from` are among the parts, those up to `#used` are not yet. */
  #page: Buffer | undefined;
  #from = 0;
  #used = 0;

  /** @param what - what is collected, for the message when it is too long */
  constructor(what: string, maxBytes: number) {
    this.#what = what;
    this.#maxBytes = maxBytes;
  }

  /** How many bytes are held. */
  get size(): number {
    return this.#size;
  }

  /** Takes the bytes of `chunk` from `from` up to, not including, `to`. @throws RangeError when it gets too long */
  add(chunk: Buffer, from: number, to: number): void {
    if (from >= to) return;
    this.#size += to - from;
    if (this.#size > this.#maxBytes)
      throw new RangeError(
        `${this.#what} is longer than ${this.#maxBytes} bytes (option "maxObjectBytes")`,
      );
    const isFirst = this.#size === to - from;
    if (to - from < pageBytes && !isFirst) this.#copy(chunk, from, to);
    else {
      this.#seal();
      this.#parts.push(chunk.subarray(from, to));
    }
  }

  /** The collected bytes as text; nothing is held afterwards. */
  take(): string {
    return this.takeBytes().toString('utf8');
  }

  /** The collected bytes themselves, which may be a part of the only chunk they came in; nothing is held afterwards. */
  takeBytes(): Buffer {
    this.#seal();
    const [first] = this.#parts;
    const all = this.#parts.length === 1 && first ? first : Buffer.concat(this.#parts, this.#size);
    this.#parts = [];
    this.#size = 0;
    this.#from = 0;
    this.#used = 0;
    return all;
  }

  #copy(chunk: Buffer, from: number, to: number): void {
    if (this.#used + to - from > pageBytes) {
      this.#seal();
      this.#page = undefined;
    }
    if (!this.#page) {
      this.#page = Buffer.allocUnsafeSlow(pageBytes);
      this.#from = 0;
      this.#used = 0;
    }
    this.#used += chunk.copy(this.#page, this.#used, from, to);
  }

  /** Makes what was copied since the last time a part. */
  #seal(): void {
    if (!this.#page || this.#from === this.#used) return;
    this.#parts.push(this.#page.subarray(this.#from, this.#used));
    this.#from = this.#used;
  }
}
