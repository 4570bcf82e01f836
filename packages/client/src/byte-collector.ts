/** The first pieces get so much room, and more than this is not kept once it is not needed. */
const smallBytes = 4096;
const keptBytes = 65_536;
const none: Buffer = Buffer.alloc(0);

/**
 * Collects the pieces of something that arrives in chunks, up to a limit. Pieces are copied, so that chunks can be given back, and
 * a server that sends byte by byte needs no more memory than another one. The room for them is used again and again.
 */
export class ByteCollector {
  readonly #what: string;
  readonly #maxBytes: number;
  #room: Buffer = none;
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
    const size = this.#sizeWith(to - from);
    if (size > this.#room.length) this.#grow(size);
    chunk.copy(this.#room, this.#size, from, to);
    this.#size = size;
  }

  /** The collected bytes as text; nothing is held afterwards. */
  take(): string {
    return this.takeBytes().toString('utf8');
  }

  /** What was collected and these last bytes, as text; nothing is held afterwards. @throws RangeError when it gets too long */
  takeWith(chunk: Buffer, from: number, to: number): string {
    if (this.#size === 0) {
      this.#sizeWith(to - from);
      return chunk.toString('utf8', from, to);
    }
    this.add(chunk, from, to);
    return this.take();
  }

  /** The collected bytes, good until others are added; nothing is held afterwards. */
  takeBytes(): Buffer {
    const bytes = this.#room.subarray(0, this.#size);
    if (this.#room.length > keptBytes) this.#room = none;
    this.#size = 0;
    return bytes;
  }

  #sizeWith(more: number): number {
    const size = this.#size + more;
    if (size <= this.#maxBytes) return size;
    throw new RangeError(
      `${this.#what} is longer than ${this.#maxBytes} bytes (option "maxObjectBytes")`,
    );
  }

  #grow(size: number): void {
    const room = Buffer.allocUnsafeSlow(Math.max(smallBytes, Math.min(2 * size, this.#maxBytes)));
    this.#room.copy(room, 0, 0, this.#size);
    this.#room = room;
  }
}
