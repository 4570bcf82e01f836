import type { Field, KindTables, Message, ValueType } from './kind-tables.ts';
import { readIntOrString, readMicroTime, readQuantity, readTime } from './special-values.ts';
import { readUnknown } from './unknown.ts';
import { WireError, type WireReader, wireTypes } from './wire-reader.ts';

/** Members of an object that is being put together. */
export type Members = Record<string, unknown>;

/** Sets a member, also one called `__proto__`, which assigning would lose. */
export function setMember(members: Members, name: string, value: unknown): void {
  if (name !== '__proto__') members[name] = value;
  else
    Object.defineProperty(members, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
}

const specialReaders: Partial<Record<ValueType, (reader: WireReader, end: number) => unknown>> = {
  quantity: readQuantity,
  time: readTime,
  microTime: readMicroTime,
  intOrString: readIntOrString,
};

/** Turns messages into what the server's JSON of the same object is parsed to. */
export class MessageDecoder {
  readonly #tables: KindTables;

  constructor(tables: KindTables) {
    this.#tables = tables;
  }

  /** The message from where the reader stands up to `end`. @throws WireError when it is none */
  read(reader: WireReader, message: Message, end: number): unknown {
    const members: Members = {};
    this.#readInto(reader, message, { end, members });
    this.fillMissing(message, members);
    return message.isList ? (members['='] ?? []) : members;
  }

  /** The value of a field whose tag was read, put where it belongs. */
  readField(
    reader: WireReader,
    field: Field,
    to: { wireType: number; end: number; members: Members },
  ): void {
    const { wireType, end, members } = to;
    const { name, shape } = field;
    if (shape === 'one') {
      const value = this.#value(reader, field, wireType, end);
      if (isShown(field, value)) members[name] = value;
    } else if (shape === 'list') {
      const list = (members[name] ??= []) as unknown[];
      const isPacked = wireType === wireTypes.bytes && isNumber(field);
      if (isPacked) this.#readPacked(reader, field, end, list);
      else list.push(this.#value(reader, field, wireType, end));
    } else if (shape === 'map') {
      this.#readEntry(reader, field, end, (members[name] ??= {}) as Members);
    } else {
      const valueEnd = this.#endOf(reader, field, wireType, end);
      // What is inline is a message.
      const message = field.message as Message;
      this.#readInto(reader, message, { end: valueEnd, members });
      this.fillMissing(message, members);
    }
  }

  /** What JSON shows as null when it is not on the wire. */
  fillMissing(message: Message, members: Members): void {
    for (const { name } of message.nullable) if (!(name in members)) members[name] = null;
  }

  #readInto(reader: WireReader, message: Message, to: { end: number; members: Members }): void {
    const { end, members } = to;
    while (reader.at < end) {
      const tag = reader.varint();
      const field = message.fields[tag >>> 3];
      const wireType = tag & 7;
      if (field) this.readField(reader, field, { wireType, end, members });
      else reader.skip(wireType, end);
    }
    if (reader.at !== end) throw new WireError('a value does not fit', end);
  }

  #value(reader: WireReader, field: Field, wireType: number, end: number): unknown {
    if (isNumber(field)) {
      if (wireType !== wireTypes.varint) throw wrongWireType(field, wireType, reader.at);
      const number = reader.varint();
      return field.type === 'bool' ? number !== 0 : number;
    }
    const valueEnd = this.#endOf(reader, field, wireType, end);
    if (field.type === 'string') return reader.text(valueEnd);
    // A message is what is neither a number nor one of the others.
    if (field.type === 'message') return this.read(reader, field.message as Message, valueEnd);
    const value = this.#special(reader, field, valueEnd);
    if (reader.at !== valueEnd) throw new WireError('a value does not fit', valueEnd);
    return value;
  }

  #special(reader: WireReader, field: Field, end: number): unknown {
    const readSpecial = specialReaders[field.type];
    if (readSpecial) return readSpecial(reader, end);
    if (field.type === 'raw') return this.#raw(reader, end);
    const text = reader.bytes.toString('base64', reader.at, end);
    reader.at = end;
    return text;
  }

  /** JSON within protobuf, or an object in protobuf within protobuf. */
  #raw(reader: WireReader, end: number): unknown {
    let value: unknown = null;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag !== 0x0a) {
        reader.skip(tag & 7, end);
        continue;
      }
      const valueEnd = reader.lengthWithin(end);
      value = this.#rawValue(reader, valueEnd);
      reader.at = valueEnd;
    }
    return value;
  }

  #rawValue(reader: WireReader, end: number): unknown {
    const start = reader.at;
    const unknown = readUnknown(reader.bytes, start, end);
    if (unknown) {
      const { apiVersion, kind } = unknown;
      const message = this.#tables.kind(apiVersion, kind);
      reader.at = unknown.start;
      return { apiVersion, kind, ...(this.read(reader, message, unknown.end) as object) };
    }
    try {
      return start === end ? null : JSON.parse(reader.bytes.toString('utf8', start, end));
    } catch {
      throw new WireError('what should be JSON is none', start);
    }
  }

  #readPacked(reader: WireReader, field: Field, end: number, list: unknown[]): void {
    const valueEnd = reader.lengthWithin(end);
    while (reader.at < valueEnd) list.push(this.#value(reader, field, wireTypes.varint, valueEnd));
  }

  #readEntry(reader: WireReader, field: Field, end: number, members: Members): void {
    const entryEnd = reader.lengthWithin(end);
    let key = '';
    let value: unknown;
    while (reader.at < entryEnd) {
      const tag = reader.varint();
      if (tag === 0x0a) key = reader.text(reader.lengthWithin(entryEnd));
      else if (tag >>> 3 === 2) value = this.#value(reader, field, tag & 7, entryEnd);
      else reader.skip(tag & 7, entryEnd);
    }
    if (reader.at !== entryEnd) throw new WireError('a value does not fit', entryEnd);
    setMember(members, key, value === undefined ? this.#zero(field) : value);
  }

  /** The value of a map's entry that has none on the wire. */
  #zero(field: Field): unknown {
    if (field.type === 'bool') return false;
    if (field.type === 'int') return 0;
    if (field.type === 'quantity') return '0';
    if (field.type !== 'message') return '';
    const { isList } = field.message as Message;
    return isList ? [] : {};
  }

  #endOf(reader: WireReader, field: Field, wireType: number, end: number): number {
    if (wireType !== wireTypes.bytes) throw wrongWireType(field, wireType, reader.at);
    return reader.lengthWithin(end);
  }
}

function isNumber(field: Field): boolean {
  return field.type === 'int' || field.type === 'bool';
}

/** Whether JSON shows a value that is on the wire. */
function isShown(field: Field, value: unknown): boolean {
  if (field.presence === 'filled')
    return value !== '' && value !== 0 && value !== false && value !== null;
  return field.presence !== 'nonzero' || value !== null;
}

function wrongWireType(field: Field, wireType: number, offset: number): WireError {
  return new WireError(
    `field ${field.number} is ${field.type}, but has wire type ${wireType}`,
    offset,
  );
}
