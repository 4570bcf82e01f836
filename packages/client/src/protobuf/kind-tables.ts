import { readFileSync } from 'node:fs';
import { kindFile } from '../kind-file.ts';
import { messageOf } from '../pem.ts';

/** What a value is on the wire and in JSON. */
export type ValueType =
  | 'string'
  | 'bool'
  | 'int'
  | 'bytes'
  | 'quantity'
  | 'time'
  | 'microTime'
  | 'intOrString'
  | 'raw'
  | 'message';

/** One field of a message. */
export interface Field {
  readonly number: number;
  /** Its name in JSON; empty when its members are those of the message around it. */
  readonly name: string;
  readonly type: ValueType;
  /** The fields of a value that is a message. */
  readonly message: Message | undefined;
  readonly shape: 'one' | 'list' | 'map' | 'inline';
  /** When it is in JSON: unless it is empty, always, when it is on the wire, always and null when it is not, unless it is zero. */
  readonly presence: 'filled' | 'keep' | 'pointer' | 'nullable' | 'nonzero';
}

/** The fields of a kind or of a part of one. */
export interface Message {
  /** Such as `core.v1.PodSpec`. */
  readonly name: string;
  /** By number, with holes. */
  readonly fields: readonly (Field | undefined)[];
  /** Those that JSON shows as null when nothing of them is on the wire. */
  readonly nullable: readonly Field[];
  /** It has one field, whose name JSON leaves out. */
  readonly isList: boolean;
}

/** The data file. */
export interface KindData {
  readonly kinds: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly messages: Readonly<Record<string, string>>;
}

const scalars: ReadonlySet<string> = new Set<ValueType>([
  'string',
  'bool',
  'int',
  'bytes',
  'quantity',
  'time',
  'microTime',
  'intOrString',
  'raw',
]);

/** The fields of all built-in kinds. What a kind is made of is worked out when it is asked for. */
export class KindTables {
  readonly #data: KindData;
  readonly #messages: Map<string, Message> = new Map();

  constructor(data: KindData) {
    this.#data = data;
  }

  /** Whether a kind is known. */
  has(apiVersion: string, kind: string): boolean {
    return this.#nameOf(apiVersion, kind) !== undefined;
  }

  /** The fields of a kind. @throws Error when it is not known */
  kind(apiVersion: string, kind: string): Message {
    const name = this.#nameOf(apiVersion, kind);
    if (name === undefined)
      throw new Error(
        `Cannot read protobuf of kind ${kind} of ${apiVersion}: its fields are not known`,
      );
    return this.message(name);
  }

  /** The fields of a message. @throws Error when it is not known */
  message(name: string): Message {
    const known = this.#messages.get(name);
    if (known) return known;
    const text = this.#data.messages[name];
    if (text === undefined) throw new Error(`Cannot read protobuf: no message is called ${name}`);
    const fields: Field[] = [];
    const nullable: Field[] = [];
    const message = { name, fields, nullable, isList: text.startsWith('1 = ') };
    // Before its fields, which may be of the same type.
    this.#messages.set(name, message);
    for (const field of text === '' ? [] : text.split(';').map((each) => this.#field(each))) {
      fields[field.number] = field;
      if (field.presence === 'nullable' || (field.presence === 'keep' && mayBeNil(field)))
        nullable.push(field);
    }
    return message;
  }

  #nameOf(apiVersion: string, kind: string): string | undefined {
    const { kinds } = this.#data;
    const known = Object.hasOwn(kinds, apiVersion) ? kinds[apiVersion] : undefined;
    return known && Object.hasOwn(known, kind) ? known[kind] : undefined;
  }

  #field(text: string): Field {
    const [number, name = '', type = '', ...rest] = text.split(' ');
    const shapes = ['list', 'map'] as const;
    const presences = ['keep', 'pointer', 'nullable', 'nonzero'] as const;
    return {
      number: Number(number),
      name: name === '+' ? '' : name,
      // What is no scalar is a message.
      type: scalars.has(type) ? (type as ValueType) : 'message',
      message: scalars.has(type) ? undefined : this.message(type),
      shape: name === '+' ? 'inline' : (shapes.find((each) => rest.includes(each)) ?? 'one'),
      presence: presences.find((each) => rest.includes(each)) ?? 'filled',
    };
  }
}

/** Whether Go has nil for it, which is nothing on the wire and null in JSON. */
function mayBeNil({ shape, type, message }: Field): boolean {
  return shape === 'list' || shape === 'map' || type === 'bytes' || message?.isList === true;
}

let tables: KindTables | undefined;
let isBroken = false;

/** The tables of this package, read when they are first asked for; none, with a warning, when the file is missing, as in some bundles. */
export function kindTables(): KindTables | undefined {
  if (tables || isBroken) return tables;
  try {
    // The exporter wrote it.
    tables = new KindTables(JSON.parse(readFileSync(kindFile, 'utf8')) as KindData);
  } catch (error) {
    isBroken = true;
    process.emitWarning(
      `@kubeloop/client reads JSON instead of protobuf, since its data cannot be read: ${messageOf(error)}`,
    );
  }
  return tables;
}
