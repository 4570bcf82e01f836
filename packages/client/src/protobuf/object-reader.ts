import { MessageDecoder, type Members } from './decode-message.ts';
import { explained } from './explained-error.ts';
import type { Field, KindTables, Message } from './kind-tables.ts';
import { makeLazy } from './lazy-parts.ts';
import { WireError, WireReader } from './wire-reader.ts';

const metaName = 'meta.v1.ObjectMeta';

/** Where an object is in a buffer, and what is not wanted of it. */
export interface ObjectRange {
  readonly start: number;
  readonly end: number;
  /** Default false. */
  readonly omitManagedFields?: boolean;
}

/** Where what is read goes, and up to where it is read. */
interface Host {
  readonly end: number;
  readonly members: Members;
  readonly omitManagedFields: boolean;
}

/** Makes objects of bytes: metadata at once, what is large when it is read. What it returns holds nothing of the buffer. */
export class ObjectReader {
  readonly #tables: KindTables;
  readonly #decoder: MessageDecoder;
  /** By the numbers of the fields, so that objects share the arrays. */
  readonly #pending: Map<string, readonly Field[]> = new Map();

  constructor(tables: KindTables) {
    this.#tables = tables;
    this.#decoder = new MessageDecoder(tables);
  }

  /** An object of a kind. @throws SyntaxError when the bytes are not that, Error when the kind is not known */
  read(type: { apiVersion: string; kind: string }, bytes: Buffer, range: ObjectRange): object {
    const { apiVersion, kind } = type;
    const message = this.#tables.kind(apiVersion, kind);
    const members: Members = { apiVersion, kind, metadata: undefined };
    const { start, end, omitManagedFields = false } = range;
    try {
      this.#readHost(new WireReader(bytes, start), message, { end, members, omitManagedFields });
    } catch (error) {
      throw explained(error, message, bytes, range);
    }
    if (members['metadata'] === undefined) delete members['metadata'];
    return members;
  }

  /** All of a message at once, such as a list's metadata. @throws SyntaxError when the bytes are not that */
  readWhole(name: string, bytes: Buffer): unknown {
    const message = this.#tables.message(name);
    try {
      return this.#decoder.read(new WireReader(bytes), message, bytes.length);
    } catch (error) {
      throw explained(error, message, bytes);
    }
  }

  #readHost(reader: WireReader, message: Message, host: Host): void {
    const { end, members, omitManagedFields } = host;
    const isMeta = message.name === metaName;
    const later = new Later(reader.bytes);
    while (reader.at < end) {
      const start = reader.at;
      const tag = reader.varint();
      const field = message.fields[tag >>> 3];
      const wireType = tag & 7;
      if (!field) reader.skip(wireType, end);
      else if (isMeta ? field.name === 'managedFields' : isLarge(field)) {
        reader.skip(wireType, end);
        if (!(isMeta && omitManagedFields)) later.add(field, start, reader.at);
      } else if (field.message?.name === metaName && field.shape === 'one' && wireType === 2) {
        const metadata: Members = {};
        this.#readHost(reader, field.message, {
          end: reader.lengthWithin(end),
          members: metadata,
          omitManagedFields,
        });
        members[field.name] = metadata;
      } else this.#decoder.readField(reader, field, { wireType, end, members });
    }
    if (reader.at !== end) throw new WireError('a value does not fit', end);
    if (later.fields.length > 0) this.#makeLazy(message, members, later);
    for (const { name } of message.nullable) if (!(name in members)) members[name] = null;
  }

  #makeLazy(message: Message, members: Members, later: Later): void {
    const id = `${message.name} ${later.fields.map((field) => field.number).join()}`;
    const pending = this.#pending.get(id) ?? later.fields;
    this.#pending.set(id, pending);
    makeLazy(members, { decoder: this.#decoder, message, pending, bytes: later.bytes() });
  }
}

/** What is decoded only when it is read: everything but texts, numbers and metadata. */
function isLarge(field: Field): boolean {
  if (field.shape === 'inline') return false;
  if (field.shape !== 'one') return true;
  return (field.type === 'message' && field.message?.name !== metaName) || field.type === 'raw';
}

/** The fields to decode later, and their bytes. */
class Later {
  readonly fields: Field[] = [];
  readonly #bytes: Buffer;
  #text = '';
  #start = 0;
  #end = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Takes a field with its tag. */
  add(field: Field, start: number, end: number): void {
    if (!this.fields.includes(field)) this.fields.push(field);
    if (start !== this.#end) {
      this.#flush();
      this.#start = start;
    }
    this.#end = end;
  }

  /** A copy of the bytes of all fields. */
  bytes(): string {
    this.#flush();
    return this.#text;
  }

  #flush(): void {
    const text = this.#bytes.toString('latin1', this.#start, this.#end);
    this.#text = this.#text === '' ? text : this.#text + text;
    this.#start = this.#end;
  }
}
