import { compareResourceVersions } from '@kubeloop/cache-store';
import type { NamespaceState, SourceFailure } from './informer-state.ts';

/** One namespace of an informer over several, from its addition to its removal or to the end of the run. */
export class Scope {
  readonly namespace: string;
  /** Whether its first list has been told to every handler. */
  isTold = false;
  /** Nothing that still comes from its source is wanted. */
  isClosed = false;
  /** The version that the cache has reached. Empty before the first list. */
  version = '';
  /** What went wrong last at its source, until that has delivered anything. */
  failure: SourceFailure | undefined;

  constructor(namespace: string) {
    this.namespace = namespace;
  }
}

/** The namespaces that an informer looks at now. */
export class Scopes {
  readonly #current = new Map<string, Scope>();

  /** Takes a namespace in, of which a first list is to come. */
  open(scope: Scope): Scope {
    scope.isTold = false;
    scope.isClosed = false;
    this.#current.set(scope.namespace, scope);
    return scope;
  }

  /** Takes a namespace out. */
  close(namespace: string): void {
    const scope = this.#current.get(namespace);
    if (scope) scope.isClosed = true;
    this.#current.delete(namespace);
  }

  /** The names. */
  get namespaces(): ReadonlySet<string> {
    return new Set(this.#current.keys());
  }

  /** Whether the first lists of all of them have been told. */
  get isTold(): boolean {
    return [...this.#current.values()].every((scope) => scope.isTold);
  }

  /** Whether that of one has, if it is looked at. */
  isToldIn(namespace: string): boolean {
    return this.#current.get(namespace)?.isTold ?? true;
  }

  /** What the caches of all of them have reached: the oldest version; empty when one is not known. */
  get version(): string {
    let oldest: string | undefined;
    for (const { version } of this.#current.values())
      oldest = oldest === undefined ? version : olderOf(oldest, version);
    return oldest ?? '';
  }

  /** The version that the cache of one namespace has reached; empty when it is not known, or not looked at. */
  versionOf(namespace: string): string {
    return this.#current.get(namespace)?.version ?? '';
  }

  /** The failure of the first namespace that has one. */
  get failure(): SourceFailure | undefined {
    return [...this.#current.values()].find((scope) => scope.failure)?.failure;
  }

  /** What each of them is doing. */
  describe(): NamespaceState[] {
    return Array.from(this.#current.values(), ({ namespace, isTold, version, failure }) => ({
      namespace,
      hasSynced: isTold,
      resourceVersion: version,
      lastFailure: failure,
    }));
  }
}

/** Empty when they cannot be compared. */
function olderOf(a: string, b: string): string {
  try {
    return compareResourceVersions(a, b) <= 0 ? a : b;
  } catch {
    return '';
  }
}
