import type { Field, Message } from './kind-tables.ts';
import { WireError, WireReader, wireTypes } from './wire-reader.ts';

/** Says in which field the bytes of a message are wrong. Anything that is not about bytes is returned as it is. */
export function explained(
  error: unknown,
  message: Message,
  bytes: Buffer,
  range: { readonly start: number; readonly end: number } = { start: 0, end: bytes.length },
): unknown {
  if (!(error instanceof WireError)) return error;
  const path = pathTo(error.offset, message, bytes, range);
  return new SyntaxError(
    `It is not protobuf of ${path === '' ? message.name : `${message.name} in ${path}`}: at byte ${error.offset - range.start} ${error.message}`,
    { cause: error },
  );
}

/** The innermost field around an offset, such as `spec.containers`. Walks the bytes up to there, which were readable. */
function pathTo(
  offset: number,
  message: Message,
  bytes: Buffer,
  { start, end }: { start: number; end: number },
): string {
  const reader = new WireReader(bytes, start);
  try {
    while (reader.at < end) {
      const tagStart = reader.at;
      const tag = reader.varint();
      const field = message.fields[tag >>> 3];
      const isInner = (tag & 7) === wireTypes.bytes;
      const valueEnd = isInner ? reader.lengthWithin(end) : reader.at;
      if (isInner && offset >= reader.at && offset <= valueEnd && field)
        return joined(field, innerPath(offset, field, bytes, { start: reader.at, end: valueEnd }));
      if (offset >= tagStart && offset <= valueEnd && field && !isInner) return field.name;
      if (isInner) reader.at = valueEnd;
      else reader.skip(tag & 7, end);
    }
  } catch {
    // The walk has come to the bytes that are wrong.
  }
  return '';
}

function innerPath(
  offset: number,
  field: Field,
  bytes: Buffer,
  range: { start: number; end: number },
): string {
  return field.message && field.shape !== 'map' ? pathTo(offset, field.message, bytes, range) : '';
}

function joined(field: Field, inner: string): string {
  if (field.name === '' || inner === '') return field.name || inner;
  return `${field.name}.${inner}`;
}
