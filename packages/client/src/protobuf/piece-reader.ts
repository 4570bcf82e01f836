import { ByteCollector } from '../byte-collector.ts';

/** Takes a piece: the bytes from `start` up to `end`. */
export type OnPiece = (bytes: Buffer, start: number, end: number) => void;

/**
 * Says how a stream is cut: looks at the bytes from `at`, asks for a piece or for bytes to be skipped, or for neither to be called again,
 * and returns how many bytes it has used; nothing when more bytes have to come first.
 */
export type OnHeader = (bytes: Buffer, at: number, pieces: PieceReader) => number | undefined;

/** More bytes than any header has, so that a stream which never tells ends. */
const longestHeader = 64;

/** Cuts a stream into pieces whose lengths the stream itself tells, wherever its chunks are cut. A piece within one chunk is not copied. */
export class PieceReader {
  readonly #collector: ByteCollector;
  readonly #maxBytes: number;
  readonly #what: string;
  readonly #onHeader: OnHeader;
  #rest: Buffer | undefined;
  /** How many bytes of the present piece are missing. */
  #missing = 0;
  #skipping = 0;
  #onPiece: OnPiece | undefined;
  /** How many bytes came before those that are looked at. */
  #offset = 0;

  /** @param what - what a piece is, for the message when it is longer than `maxBytes` */
  constructor(what: string, maxBytes: number, onHeader: OnHeader) {
    this.#what = what;
    this.#maxBytes = maxBytes;
    this.#onHeader = onHeader;
    this.#collector = new ByteCollector(what, maxBytes);
  }

  /** How many bytes of the stream were before a place in the bytes that a header is looked for in. */
  offsetOf(at: number): number {
    return this.#offset + at;
  }

  /** Whether the stream may end here. */
  get isBetween(): boolean {
    return this.#rest === undefined && this.#onPiece === undefined && this.#skipping === 0;
  }

  /** The next bytes are a piece. @throws RangeError when it is too long */
  take(length: number, onPiece: OnPiece): void {
    if (length > this.#maxBytes)
      throw new RangeError(
        `${this.#what} is longer than ${this.#maxBytes} bytes (option "maxObjectBytes")`,
      );
    this.#missing = length;
    this.#onPiece = onPiece;
  }

  /** The next bytes do not matter. */
  skip(length: number): void {
    this.#skipping = length;
  }

  /** Takes the next bytes. @throws whatever the cutter throws, RangeError when a piece is too long */
  push(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = undefined;
    let at = 0;
    for (;;) {
      if (this.#skipping > 0) {
        const skipped = Math.min(this.#skipping, bytes.length - at);
        this.#skipping -= skipped;
        at += skipped;
        if (this.#skipping > 0) break;
      }
      if (this.#onPiece) {
        at = this.#piece(bytes, at, this.#onPiece);
        if (this.#missing > 0) break;
        continue;
      }
      if (at === bytes.length) break;
      const length = this.#onHeader(bytes, at, this);
      if (length === undefined) {
        if (bytes.length - at > longestHeader)
          throw new SyntaxError('It is not protobuf: a header does not end');
        this.#rest = Buffer.from(bytes.subarray(at));
        break;
      }
      at += length;
    }
    this.#offset += at;
  }

  #piece(bytes: Buffer, at: number, onPiece: OnPiece): number {
    const end = Math.min(at + this.#missing, bytes.length);
    const isWhole = end - at === this.#missing;
    this.#missing -= end - at;
    if (isWhole) this.#onPiece = undefined;
    if (isWhole && this.#collector.size === 0) onPiece(bytes, at, end);
    else {
      this.#collector.add(bytes, at, end);
      if (isWhole) {
        const piece = this.#collector.takeBytes();
        onPiece(piece, 0, piece.length);
      }
    }
    return end;
  }
}

/** A varint that may not have come to its end: its value and how many bytes it has. Lengths and tags only. */
export function varintAt(bytes: Buffer, at: number): { value: number; length: number } | undefined {
  let value = 0;
  let factor = 1;
  for (let length = 1; length <= 10; length += 1) {
    const byte = bytes[at + length - 1];
    if (byte === undefined) return undefined;
    value += (byte & 127) * factor;
    if (byte < 128) return { value, length };
    factor *= 128;
  }
  throw new SyntaxError('It is not protobuf: a number has more than ten bytes');
}
