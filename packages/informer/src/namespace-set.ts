import { inspect } from 'node:util';
import { checkMethods } from './checks.ts';

const brand = Symbol.for('@kubeloop/informer/NamespaceSet');

/** What a change of a {@link NamespaceSet} is told to. */
export interface NamespaceSetListener {
  /** A namespace came in. */
  added(namespace: string): void;
  /** A namespace went out. */
  deleted(namespace: string): void;
}

/**
 * The namespaces that informers look at, to be changed while they run. One set can be given to any number of informers,
 * factories and managers.
 *
 * A namespace that comes in is listed and watched at once, and its objects are told as additions. One that goes out is
 * watched no longer, its objects leave the cache and are told as deletions. An empty set shows nothing. Whether a namespace
 * exists is not looked at: one that does not is watched until it does.
 *
 * @example
 * ```ts
 * import { NamespaceSet } from '@kubeloop/informer';
 * const namespaces = new NamespaceSet(['team-a', 'team-b']);
 * namespaces.delete('team-a'); // => true
 * namespaces.add('team-c'); // => true
 * namespaces.add('team-c'); // => false
 * [...namespaces] // => ['team-b', 'team-c']
 * ```
 */
export class NamespaceSet implements Iterable<string> {
  readonly #names = new Set<string>();
  readonly #listeners = new Set<NamespaceSetListener>();

  /** Whether a value is such a set, of this copy of the package or of another one. */
  static is(value: unknown): value is NamespaceSet {
    return typeof value === 'object' && value !== null && brand in value;
  }

  /** @throws TypeError when one of them cannot be the name of a namespace */
  constructor(namespaces: Iterable<string> = []) {
    if (typeof namespaces === 'string' || typeof namespaces?.[Symbol.iterator] !== 'function')
      throw new TypeError(
        `Cannot make a set of namespaces of ${inspect(namespaces, { depth: 0 })}: give a list of names`,
      );
    for (const namespace of namespaces) this.#names.add(checkNamespace(namespace));
    Object.defineProperty(this, brand, { value: true });
  }

  /** How many there are. */
  get size(): number {
    return this.#names.size;
  }

  /** Whether a namespace is in the set. */
  has(namespace: string): boolean {
    return this.#names.has(namespace);
  }

  /**
   * Takes a namespace in; informers begin with it before this returns.
   *
   * @returns whether it was not there before
   * @throws TypeError when this cannot be the name of a namespace
   */
  add(namespace: string): boolean {
    checkNamespace(namespace);
    if (this.#names.has(namespace)) return false;
    this.#names.add(namespace);
    for (const listener of this.#listeners) listener.added(namespace);
    return true;
  }

  /**
   * Takes a namespace out; informers accept nothing of it any more when this returns.
   *
   * @returns whether it was there
   */
  delete(namespace: string): boolean {
    if (!this.#names.delete(namespace)) return false;
    for (const listener of this.#listeners) listener.deleted(namespace);
    return true;
  }

  /** The names, in the order in which they came. */
  [Symbol.iterator](): Iterator<string> {
    return this.#names.values();
  }

  /**
   * Tells a listener of each change from now on, within {@link add} and {@link delete}. The listener must not throw.
   *
   * @returns ends that
   * @throws TypeError when it is no listener
   */
  subscribe(listener: NamespaceSetListener): () => void {
    checkMethods('listener', listener, ['added', 'deleted']);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** A label of DNS, as the API server demands. */
const shape = /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

function checkNamespace(namespace: unknown): string {
  if (typeof namespace === 'string' && shape.test(namespace)) return namespace;
  throw new TypeError(
    `Cannot use ${inspect(namespace, { depth: 0 })} as a namespace: it must consist of lower case letters, digits and "-"`,
  );
}
