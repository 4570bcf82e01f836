import type { WatchEvent } from '../api.ts';
import { kindTables } from './kind-tables.ts';
import { ProtobufListReader } from './list-reader.ts';
import { ObjectReader } from './object-reader.ts';
import { readUnknown } from './unknown.ts';
import { FrameSplitter, readWatchEvent } from './watch-frames.ts';

// What reads protobuf, imported when the first answer in protobuf comes.

let shared: ObjectReader | undefined;

function objectReader(): ObjectReader {
  const tables = kindTables();
  if (!tables) throw new Error('Cannot read protobuf: the fields of the kinds are not known');
  return (shared ??= new ObjectReader(tables));
}

/** Reads a body that is one object. @throws SyntaxError when it is none, Error when its kind is not known */
export function readObject(bytes: Buffer): object {
  const unknown = readUnknown(bytes, 0, bytes.length);
  if (!unknown)
    throw new SyntaxError('It is not protobuf: it does not begin as an object of Kubernetes');
  return objectReader().read(unknown, bytes, unknown);
}

/** A reader of lists, see {@link ProtobufListReader}. */
export function listReader(
  options: Omit<ConstructorParameters<typeof ProtobufListReader>[0], 'reader'>,
): ProtobufListReader {
  return new ProtobufListReader({ ...options, reader: objectReader() });
}

/** Reads one event of a watch, see {@link readWatchEvent}. */
export function readEvent<T>(frame: Buffer, omitManagedFields: boolean): WatchEvent<T> {
  return readWatchEvent(frame, objectReader(), omitManagedFields);
}

export { FrameSplitter };
