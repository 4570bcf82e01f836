/** Collects the pieces of something that arrives in chunks, up to a limit. */
export class ByteCollector {
  readonly #what: string;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #size = 0;

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
    this.#parts.push(chunk.subarray(from, to));
  }

  /** The collected bytes as text; nothing is held afterwards. */
  take(): string {
    const [first] = this.#parts;
    const all = this.#parts.length === 1 && first ? first : Buffer.concat(this.#parts, this.#size);
    this.#parts = [];
    this.#size = 0;
    return all.toString('utf8');
  }
}
