import { brandInstances, hasBrand } from './brand.ts';
import { checkText } from './checks.ts';
import type { ObjectLike } from './object.ts';
import { DeletedFinalStateUnknown } from './tombstone.ts';

/** Computes the key of an object in a store; throws when the object has none. Must be pure. */
export type KeyFunc<T extends ObjectLike = ObjectLike> = (obj: T) => string;

const brand = Symbol.for('@kubeloop/cache-store/KeyError');

/** Thrown when no key can be computed for an object. */
export class KeyError extends Error {
  /** Always `KeyError`. */
  override readonly name = 'KeyError' as const;
  /** The object that has no key, exactly as it was given. */
  readonly obj: unknown;

  static {
    brandInstances(this.prototype, brand);
  }

  /**
   * @param message - what could not be done, and why
   * @param options - the object, and the error of the key function if one was thrown
   */
  constructor(message: string, options: { readonly obj: unknown; readonly cause?: unknown }) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.obj = options.obj;
  }

  /** Whether a value is such an error, of this copy of the package or of another one. */
  static is(value: unknown): value is KeyError {
    return hasBrand(value, brand);
  }
}

/**
 * Joins a namespace and a name to a key: `namespace/name`, or `name` alone when the namespace is empty.
 *
 * {@link splitMetaNamespaceKey} takes it apart again, as long as neither part contains a slash, which no name in
 * Kubernetes does.
 */
export function metaNamespaceKey(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/**
 * Key of an object: `namespace/name`, or `name` for a cluster-scoped one.
 *
 * @throws {@link KeyError} when the object has no metadata or no name, or a slash in either part, since two different
 * objects could then have the same key
 */
export function metaNamespaceKeyFunc(obj: ObjectLike): string {
  // Callers without types may pass anything, null included.
  const metadata = (obj as ObjectLike | null | undefined)?.metadata;
  if (typeof metadata !== 'object' || metadata === null) {
    throw keyError(obj, 'it has no metadata');
  }
  const { name, namespace = '' } = metadata;
  if (typeof name !== 'string' || name === '') {
    throw keyError(obj, 'it has no metadata.name');
  }
  if (typeof namespace !== 'string') {
    throw keyError(obj, 'its metadata.namespace is not a string');
  }
  if (name.includes('/') || namespace.includes('/')) {
    throw keyError(obj, `"${namespace}" and "${name}" must not contain a slash`);
  }
  return metaNamespaceKey(namespace, name);
}

/**
 * Like {@link metaNamespaceKeyFunc}, and the stored key for a tombstone. The one to use in delete handlers.
 *
 * @throws {@link KeyError} as {@link metaNamespaceKeyFunc} does
 */
export function deletionHandlingMetaNamespaceKeyFunc(
  obj: ObjectLike | DeletedFinalStateUnknown<unknown>,
): string {
  return DeletedFinalStateUnknown.is(obj) ? obj.key : metaNamespaceKeyFunc(obj);
}

/**
 * Takes a key apart. The namespace is empty for the key of a cluster-scoped object.
 *
 * @throws TypeError when the key is no text, or has more than one slash
 */
export function splitMetaNamespaceKey(key: string): {
  readonly namespace: string;
  readonly name: string;
} {
  checkText('Cannot split key', key);
  const slash = key.indexOf('/');
  if (slash === -1) {
    return { namespace: '', name: key };
  }
  if (key.includes('/', slash + 1)) {
    throw new TypeError(`Cannot split key "${key}": it must be "namespace/name" or "name"`);
  }
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

function keyError(obj: unknown, reason: string): KeyError {
  return new KeyError(`Cannot compute the key of an object: ${reason}`, { obj });
}
