import { internedText } from './interned-text.ts';

/** Bytes that cannot be the message that they should be. */
export class WireError extends SyntaxError {
  /** Where, counted from the beginning of the bytes. */
  readonly offset: number;

  constructor(problem: string, offset: number) {
    super(problem);
    this.offset = offset;
  }
}

/** How a value is written, the low three bits of a tag. Groups (3 and 4) are older than any Kubernetes. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Reads the wire format of Protocol Buffers from a buffer. Every read checks that it stays within. */
export class WireReader {
  readonly bytes: Buffer;
  /** Where the next read begins. */
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** A whole number, signed as int64 is, and rounded as `JSON.parse` rounds it beyond 53 bits. */
  varint(): number {
    const byte = this.bytes[this.at++];
    if (byte !== undefined && byte < 128) return byte;
    this.at -= 1;
    return this.#longVarint();
  }

  /** The end of a value that begins with its length; it begins at `at`. */
  lengthWithin(end: number): number {
    const start = this.at;
    const length = this.varint();
    const valueEnd = this.at + length;
    if (length < 0 || valueEnd > end)
      throw new WireError(`a value of ${length} bytes does not fit`, start);
    return valueEnd;
  }

  /** The text from `at` up to `end`. */
  text(end: number): string {
    const start = this.at;
    this.at = end;
    return internedText(this.bytes, start, end);
  }

  /** Steps over a value, whatever it is. */
  skip(wireType: number, end: number): void {
    const start = this.at;
    if (wireType === wireTypes.varint) this.varint();
    else if (wireType === wireTypes.bytes) this.at = this.lengthWithin(end);
    else if (wireType === wireTypes.fixed64) this.at += 8;
    else if (wireType === wireTypes.fixed32) this.at += 4;
    else throw new WireError(`wire type ${wireType} is not known`, start);
    if (this.at > end) throw new WireError('a value does not fit', start);
  }

  #longVarint(): number {
    const start = this.at;
    let value = 0;
    let factor = 1;
    // Seven bytes have 49 bits, which a number holds exactly.
    for (let index = 0; index < 7; index += 1) {
      const byte = this.#byte(start);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    let rest = 0n;
    for (let shift = 0n; shift < 21n; shift += 7n) {
      const byte = this.#byte(start);
      rest |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, (rest << 49n) | BigInt(value)));
    }
    throw new WireError('a number has more than ten bytes', start);
  }

  #byte(start: number): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new WireError('the bytes end within a number', start);
    return byte;
  }
}
