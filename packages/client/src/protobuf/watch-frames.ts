import type { WatchEvent } from '../api.ts';
import type { ObjectRange, ObjectReader } from './object-reader.ts';
import { PieceReader } from './piece-reader.ts';
import { readUnknown } from './unknown.ts';
import { WireReader } from './wire-reader.ts';

/** Cuts a watch in protobuf into its events: four bytes of length, the first one the highest, and so many bytes. */
export class FrameSplitter {
  readonly #pieces: PieceReader;

  /**
   * @param maxBytes - how long an event may be; @param what - what an event is, for the message when it is longer
   * @param onFrame - takes each event, whose bytes are good only meanwhile
   */
  constructor(maxBytes: number, what: string, onFrame: (frame: Buffer) => void) {
    this.#pieces = new PieceReader(what, maxBytes, (bytes, at, pieces) => {
      if (bytes.length - at < 4) return undefined;
      pieces.take(bytes.readUInt32BE(at), (...[from, start, end]) =>
        onFrame(from.subarray(start, end)),
      );
      return 4;
    });
  }

  /** Whether the watch may end here, and not in the middle of an event. */
  get isBetween(): boolean {
    return this.#pieces.isBetween;
  }

  /** Takes the next bytes. @throws RangeError when an event is too long, and whatever `onFrame` throws */
  push(chunk: Buffer): void {
    this.#pieces.push(chunk);
  }
}

/** Reads one event. @throws SyntaxError when it is none, Error when its kind is not known */
export function readWatchEvent<T>(
  frame: Buffer,
  reader: ObjectReader,
  omitManagedFields: boolean,
): WatchEvent<T> {
  const around = readUnknown(frame, 0, frame.length) ?? { start: 0, end: frame.length };
  const wire = new WireReader(frame, around.start);
  let type = '';
  let object: object | undefined;
  while (wire.at < around.end) {
    const tag = wire.varint();
    if (tag !== 0x0a && tag !== 0x12) {
      wire.skip(tag & 7, around.end);
      continue;
    }
    const valueEnd = wire.lengthWithin(around.end);
    if (tag === 0x0a) type = wire.text(valueEnd);
    else object = readRaw(frame, { start: wire.at, end: valueEnd, omitManagedFields }, reader);
    wire.at = valueEnd;
  }
  if (type === '' || !object) throw new SyntaxError('It has no type or no object');
  // The object is of the kind that the server says it is.
  return { type, object } as WatchEvent<T>;
}

/** The object in a RawExtension. */
function readRaw(frame: Buffer, range: ObjectRange, reader: ObjectReader): object | undefined {
  const wire = new WireReader(frame, range.start);
  let object: object | undefined;
  while (wire.at < range.end) {
    const tag = wire.varint();
    if (tag !== 0x0a) {
      wire.skip(tag & 7, range.end);
      continue;
    }
    const valueEnd = wire.lengthWithin(range.end);
    const unknown = readUnknown(frame, wire.at, valueEnd);
    if (!unknown) throw new SyntaxError('Its object is not protobuf of Kubernetes');
    const { start, end } = unknown;
    object = reader.read(unknown, frame, { ...range, start, end });
    wire.at = valueEnd;
  }
  return object;
}
