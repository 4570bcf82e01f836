import type { ObjectReader } from './object-reader.ts';
import { PieceReader, varintAt } from './piece-reader.ts';
import { magic, readTypeMeta } from './unknown.ts';
import { wireTypes } from './wire-reader.ts';

/** What a {@link ProtobufListReader} is made of. */
export interface ProtobufListReaderOptions {
  readonly reader: ObjectReader;
  /** What the items are. */
  readonly item: { readonly apiVersion: string; readonly kind: string };
  /** Takes each item, in order. */
  readonly onItem: (item: object) => void;
  /** Whether items go without `metadata.managedFields`. */
  readonly omitManagedFields: boolean;
  /** How long an item may be, and each thing around the items. */
  readonly maxObjectBytes: number;
}

/**
 * Reads a Kubernetes list in protobuf while it arrives, item by item. Around the list is apimachinery's `Unknown`, which says
 * first what it holds; in every list field 1 is the metadata and field 2 the items.
 */
export class ProtobufListReader {
  readonly #options: ProtobufListReaderOptions;
  readonly #pieces: PieceReader;
  #type: { apiVersion: string; kind: string } | undefined;
  #isBegun = false;
  /** Where in the stream the list ends; none outside of it. */
  #listEnd: number | undefined;
  #hasList = false;
  #metadata: unknown = {};
  #other: object | undefined;

  constructor(options: ProtobufListReaderOptions) {
    this.#options = options;
    this.#pieces = new PieceReader('An item of the list', options.maxObjectBytes, (bytes, at) =>
      this.#header(bytes, at),
    );
  }

  /** Takes the next bytes. @throws SyntaxError when they cannot be a list, RangeError when something is too long */
  push(chunk: Buffer): void {
    this.#pieces.push(chunk);
  }

  /** What is around the items, with empty `items`; or what came instead of a list. @throws SyntaxError when it is not complete */
  end(): object {
    const isInList = this.#listEnd !== undefined && this.#listEnd !== this.#pieces.offsetOf(0);
    const isComplete = this.#isBegun && !isInList && this.#pieces.isBetween;
    if (!isComplete || !this.#type) throw new SyntaxError('The list ends in the middle');
    if (this.#other) return this.#other;
    const envelope = { ...this.#type, metadata: this.#metadata };
    return this.#hasList ? { ...envelope, items: [] } : envelope;
  }

  #header(bytes: Buffer, at: number): number | undefined {
    if (!this.#isBegun) return this.#begin(bytes, at);
    if (this.#pieces.offsetOf(at) === this.#listEnd) this.#listEnd = undefined;
    const tag = varintAt(bytes, at);
    const length = tag && varintAt(bytes, at + tag.length);
    if (!tag || !length) return undefined;
    const size = tag.length + length.length;
    const start = this.#pieces.offsetOf(at + size);
    const wireType = tag.value & 7;
    const valueEnd = wireType === wireTypes.bytes ? start + length.value : start;
    if (this.#listEnd !== undefined && valueEnd > this.#listEnd)
      throw new SyntaxError(`It is not protobuf: at byte ${start} a value does not fit`);
    if (wireType === wireTypes.varint) return size;
    if (wireType !== wireTypes.bytes)
      throw new SyntaxError(`It is not protobuf: at byte ${start} is wire type ${wireType}`);
    if (this.#listEnd === undefined) this.#around(tag.value >>> 3, start, length.value);
    else this.#within(tag.value >>> 3, length.value);
    return size;
  }

  #begin(bytes: Buffer, at: number): number | undefined {
    const end = Math.min(bytes.length, at + magic.length);
    if (bytes.compare(magic, 0, end - at, at, end) !== 0)
      throw new SyntaxError('It is not protobuf: it does not begin as an object of Kubernetes');
    if (end - at < magic.length) return undefined;
    this.#isBegun = true;
    return magic.length;
  }

  #around(field: number, start: number, length: number): void {
    if (field === 1)
      this.#pieces.take(length, (bytes, from, to) => {
        this.#type = readTypeMeta(bytes, from, to);
      });
    else if (field !== 2) this.#pieces.skip(length);
    else if (this.#type?.kind.endsWith('List')) {
      this.#hasList = true;
      if (length > 0) this.#listEnd = start + length;
    } else this.#pieces.take(length, (...piece) => this.#takeOther(...piece));
  }

  #within(field: number, length: number): void {
    const { reader, item, omitManagedFields, onItem } = this.#options;
    if (field === 2)
      this.#pieces.take(length, (bytes, start, end) =>
        onItem(reader.read(item, bytes, { start, end, omitManagedFields })),
      );
    else if (field === 1)
      this.#pieces.take(length, (bytes, start, end) => {
        this.#metadata = reader.readWhole('meta.v1.ListMeta', bytes.subarray(start, end));
      });
    else this.#pieces.skip(length);
  }

  #takeOther(bytes: Buffer, start: number, end: number): void {
    if (!this.#type) throw new SyntaxError('It is not protobuf: it does not say what it is');
    this.#other = this.#options.reader.read(this.#type, bytes, { start, end });
  }
}
