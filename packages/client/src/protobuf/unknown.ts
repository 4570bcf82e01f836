import { WireError, WireReader } from './wire-reader.ts';

/** An object as it stands in answers: what it is, and where its bytes are. */
export interface Unknown {
  readonly apiVersion: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** Every object of Kubernetes in protobuf begins with this: `k8s` and a zero. */
export const magic: Buffer = Buffer.from('k8s\0');

/** Reads group, version and kind. The numbers are those of apimachinery's `runtime/generated.proto`. */
export function readTypeMeta(
  bytes: Buffer,
  start: number,
  end: number,
): { apiVersion: string; kind: string } {
  const reader = new WireReader(bytes, start);
  let apiVersion = '';
  let kind = '';
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag === 0x0a) apiVersion = reader.text(reader.lengthWithin(end));
    else if (tag === 0x12) kind = reader.text(reader.lengthWithin(end));
    else reader.skip(tag & 7, end);
  }
  return { apiVersion, kind };
}

/** Reads what is around an object; nothing when the bytes do not begin as one does. @throws WireError when they do and are none */
export function readUnknown(bytes: Buffer, start: number, end: number): Unknown | undefined {
  if (end - start < magic.length || bytes.compare(magic, 0, 4, start, start + 4) !== 0)
    return undefined;
  const reader = new WireReader(bytes, start + magic.length);
  let type = { apiVersion: '', kind: '' };
  let raw = { start: end, end };
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag !== 0x0a && tag !== 0x12) {
      reader.skip(tag & 7, end);
      continue;
    }
    const valueEnd = reader.lengthWithin(end);
    if (tag === 0x12) raw = { start: reader.at, end: valueEnd };
    else type = readTypeMeta(bytes, reader.at, valueEnd);
    reader.at = valueEnd;
  }
  if (reader.at !== end) throw new WireError('a value does not fit', end);
  return { ...type, ...raw };
}
