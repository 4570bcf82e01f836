import type { MessageDecoder, Members } from './decode-message.ts';
import { explained } from './explained-error.ts';
import type { Field, Message } from './kind-tables.ts';
import { WireReader } from './wire-reader.ts';

/** What {@link LazyParts} is made of. */
export interface LazyPartsOptions {
  readonly decoder: MessageDecoder;
  readonly message: Message;
  /** The fields that are on the wire, in its order, and have not been decoded. */
  readonly pending: readonly Field[];
  /** The bytes of these fields with their tags, a byte in each character: such a string costs 16 bytes more than the bytes, a buffer 200. */
  readonly bytes: string;
}

/**
 * The members of an object that nobody has read yet, as bytes. A member is decoded when it is first read, and once;
 * the bytes go with the last one.
 *
 * Caches find it below `Symbol.for('@kubeloop/lazy')`, so that they can freeze and copy an object without decoding it.
 */
export class LazyParts {
  readonly #decoder: MessageDecoder;
  readonly #message: Message;
  /** In most objects of a kind the same fields are pending, and they then share this array. */
  #pending: readonly Field[];
  #bytes: string;
  #values: Map<string, unknown> | undefined;
  #freeze: (<T>(value: T) => T) | undefined;

  constructor(options: LazyPartsOptions) {
    this.#decoder = options.decoder;
    this.#message = options.message;
    this.#pending = options.pending;
    this.#bytes = options.bytes;
  }

  /** Whether a member has not been decoded yet. */
  isPending(name: string): boolean {
    return this.#pending.some((field) => field.name === name);
  }

  /** Whether nothing of either has been decoded yet, and the same would be. */
  isSame(other: unknown): boolean {
    return (
      other instanceof LazyParts &&
      this.#values === undefined &&
      other.#values === undefined &&
      this.#message === other.#message &&
      this.#bytes === other.#bytes
    );
  }

  /** Forgets the members that were deleted, be it that others took their place: their accessors are gone, and nobody told. */
  forgetDeleted(owner: object): void {
    for (const { name } of this.#pending) {
      const found = Object.getOwnPropertyDescriptor(owner, name);
      if (!isOurs(found, name)) this.write(name, undefined);
    }
  }

  /** From now on what is decoded goes through `freeze`, such as a deep `Object.freeze`. What was decoded before is for the caller to freeze. */
  freezeWith(freeze: <T>(value: T) => T): void {
    this.#freeze = freeze;
  }

  /**
   * A copy of the object that these parts belong to: it decodes for itself what is pending here, and has the members
   * that `copy` makes of the others.
   */
  copy(owner: object, copy: (value: unknown) => unknown): object {
    const members: Members = {};
    for (const name of Object.keys(owner))
      // A key of an object is a member of it.
      if (!this.isPending(name)) members[name] = copy((owner as Members)[name]);
    if (this.#pending.length === 0) return members;
    return makeLazy(members, {
      decoder: this.#decoder,
      message: this.#message,
      pending: this.#pending,
      bytes: this.#bytes,
    });
  }

  /** The value of a member, decoded now or before. @throws SyntaxError when its bytes are not what the kind says */
  read(name: string): unknown {
    const field = this.#pending.find((each) => each.name === name);
    if (!field) return this.#values?.get(name);
    const decoded = this.#decode(field);
    const value = this.#freeze ? this.#freeze(decoded) : decoded;
    this.write(name, value);
    return value;
  }

  /** Sets a member; what was on the wire is forgotten. */
  write(name: string, value: unknown): void {
    this.#values ??= new Map();
    this.#values.set(name, value);
    if (!this.isPending(name)) return;
    this.#pending = this.#pending.filter((each) => each.name !== name);
    if (this.#pending.length === 0) this.#bytes = '';
  }

  #decode(wanted: Field): unknown {
    const reader = new WireReader(Buffer.from(this.#bytes, 'latin1'));
    const end = reader.bytes.length;
    const members: Members = {};
    try {
      while (reader.at < end) {
        const tag = reader.varint();
        const wireType = tag & 7;
        if (tag >>> 3 !== wanted.number) reader.skip(wireType, end);
        else this.#decoder.readField(reader, wanted, { wireType, end, members });
      }
    } catch (error) {
      throw explained(error, this.#message, reader.bytes);
    }
    return members[wanted.name];
  }
}

/** A constructor that gives what it is given: what extends it puts its private fields on an object that exists already. */
const Given = function (obj: object): object {
  return obj;
  // A function can be constructed, and what it returns is then what `new` gives.
} as unknown as new (obj: object) => object;

/** Puts the parts on an object where nothing that looks at its members sees them: no key, no symbol, no WeakMap. */
class Stamp extends Given {
  readonly #parts: LazyParts;

  constructor(obj: object, parts: LazyParts) {
    super(obj);
    this.#parts = parts;
  }

  /** The parts of an object itself. */
  static ownPartsOf(obj: object): LazyParts | undefined {
    return #parts in obj ? obj.#parts : undefined;
  }

  /** The parts of an object or of the one it inherits from. */
  static partsOf(obj: object): LazyParts | undefined {
    for (let each: unknown = obj; typeof each === 'object' && each !== null;) {
      if (#parts in each) return each.#parts;
      each = Object.getPrototypeOf(each);
    }
    return undefined;
  }
}

/** Where a cache finds the parts of an object. */
const lazySymbol: unique symbol = Symbol.for('@kubeloop/lazy') as never;
const inspectSymbol: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** By name. Objects share them, and so their hidden class. */
const accessors = new Map<string, PropertyDescriptor>();

function accessorOf(name: string): PropertyDescriptor {
  const known = accessors.get(name);
  if (known) return known;
  const accessor: PropertyDescriptor = {
    configurable: true,
    enumerable: true,
    get(this: object): unknown {
      const parts = Stamp.partsOf(this);
      if (parts) return parts.read(name);
      throw new TypeError(
        `Cannot read "${name}" of a proxy of a Kubernetes object: its handler has to read from the object itself`,
      );
    },
    set(this: object, value: unknown): void {
      // What is frozen has only setters left that could change it.
      if (Object.isFrozen(this))
        throw new TypeError(`Cannot assign to read only property '${name}' of object '#<Object>'`);
      Object.defineProperty(this, name, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
      // What inherits from the object has got a member of its own.
      Stamp.ownPartsOf(this)?.write(name, undefined);
    },
  };
  accessors.set(name, accessor);
  return accessor;
}

/** Whether a member is still the one that was put there. */
function isOurs(found: PropertyDescriptor | undefined, name: string): boolean {
  // Two functions are compared, and neither is called.
  // oxlint-disable-next-line typescript/unbound-method
  return found?.get !== undefined && found.get === accessorOf(name).get;
}

/** `console.log` shows accessors instead of what they give, so it gets a copy that has none. */
function inspectCopy(this: object): object {
  return { ...this };
}

const hidden: PropertyDescriptorMap = {
  [lazySymbol]: {
    configurable: true,
    get(this: object): LazyParts | undefined {
      Stamp.ownPartsOf(this)?.forgetDeleted(this);
      return Stamp.partsOf(this);
    },
  },
  [inspectSymbol]: { configurable: true, get: () => inspectCopy },
};

/** Gives an object the members that are pending. Returns it. */
export function makeLazy<T extends object>(obj: T, options: LazyPartsOptions): T {
  // The constructor returns what it is given.
  new Stamp(obj, new LazyParts(options)) as unknown;
  for (const { name } of options.pending) Object.defineProperty(obj, name, accessorOf(name));
  return Object.defineProperties(obj, hidden);
}
