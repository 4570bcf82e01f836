import { checkFlag, checkFunction, checkOptions } from './checks.ts';
import { deepFreeze, freezesByDefault } from './deep-freeze.ts';
import { KeyError, metaNamespaceKeyFunc, type KeyFunc } from './key.ts';
import { messageOf } from './message-of.ts';
import type { ObjectLike } from './object.ts';
import { DeletedFinalStateUnknown } from './tombstone.ts';

/** What is done to every object on its way into a store. */
export interface IntakeOptions<T extends ObjectLike> {
  /** Key of an object; default {@link metaNamespaceKeyFunc}. */
  readonly keyFunc?: KeyFunc<T> | undefined;
  /**
   * Called once with every object before it is stored; what it returns is stored instead. The key is that of the object
   * as given. When it throws, the write fails and the store stays as it was. Default: objects are stored as given.
   */
  readonly transform?: ((obj: T) => T) | undefined;
  /**
   * Whether stored objects are frozen, deeply and in place, so that changing a shared object throws. Default: only where
   * `NODE_ENV` is `test` or `development`.
   */
  readonly freeze?: boolean | undefined;
}

/** Makes keys and stored forms of objects, with errors that say which object failed and why. */
export class Intake<T extends ObjectLike> {
  readonly #keyFunc: KeyFunc<T>;
  readonly #transform: ((obj: T) => T) | undefined;
  readonly #freeze: boolean;

  /** @throws TypeError when an option cannot be used */
  constructor(options: IntakeOptions<T>) {
    checkOptions('Cannot make a store', options);
    checkFunction('keyFunc', options.keyFunc);
    checkFunction('transform', options.transform);
    checkFlag('freeze', options.freeze);
    this.#keyFunc = options.keyFunc ?? metaNamespaceKeyFunc;
    this.#transform = options.transform;
    this.#freeze = options.freeze ?? freezesByDefault();
  }

  /** The key of an object, or the one that a tombstone carries. Throws KeyError and nothing else. */
  keyOf(obj: T | DeletedFinalStateUnknown<T>): string {
    if (DeletedFinalStateUnknown.is(obj)) {
      return obj.key;
    }
    let key: unknown;
    try {
      key = this.#keyFunc(obj);
    } catch (cause) {
      if (KeyError.is(cause)) {
        throw cause;
      }
      throw new KeyError(`Cannot compute the key of an object: ${messageOf(cause)}`, {
        obj,
        cause,
      });
    }
    if (typeof key !== 'string') {
      throw new KeyError('Cannot compute the key of an object: the key is not a string', { obj });
    }
    return key;
  }

  /** What to store for an object: transformed and frozen, as asked for. */
  prepare(key: string, obj: T): T {
    const stored = this.#transform === undefined ? obj : transformed(this.#transform, key, obj);
    return this.#freeze ? deepFreeze(stored) : stored;
  }
}

function transformed<T>(transform: (obj: T) => T, key: string, obj: T): T {
  let stored: T;
  try {
    stored = transform(obj);
  } catch (cause) {
    throw new Error(`Cannot transform object "${key}": ${messageOf(cause)}`, { cause });
  }
  if (typeof stored !== 'object' || stored === null) {
    throw new TypeError(`Cannot transform object "${key}": the transform must return an object`);
  }
  return stored;
}
