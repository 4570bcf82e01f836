import type { NamespaceSet } from './namespace-set.ts';
import type { ReflectorLike } from './informer-options.ts';
import { Scope, type Scopes } from './scopes.ts';

/** What a {@link NamespacedSource} is made of. */
export interface NamespacedSourceOptions {
  /** The namespaces that are wanted. */
  readonly namespaces: NamespaceSet;
  /** Those that are looked at. */
  readonly scopes: Scopes;
  /** Makes what reads one of them. */
  readonly newReflector: (scope: Scope) => ReflectorLike;
  /** Drops what is in other namespaces, after all that has come from them. */
  readonly retain: (namespaces: ReadonlySet<string>) => void;
  /** Told of each namespace that comes in while this runs. */
  readonly onAdded: () => void;
}

/** What reads one namespace. */
interface Part {
  readonly scope: Scope;
  readonly reflector: ReflectorLike;
  readonly stop: AbortController;
}

/** A reflector for each namespace of a set, which follow the set while this runs. */
export class NamespacedSource implements ReflectorLike {
  readonly #options: NamespacedSourceOptions;
  readonly #parts = new Map<string, Part>();
  /** Those that the end of the last run stopped: they go on from what they know, so that the cache gets no older. */
  readonly #kept = new Map<string, Part>();
  /** All that has not ended, also of namespaces that were taken out. */
  readonly #running = new Set<Promise<void>>();

  constructor(options: NamespacedSourceOptions) {
    this.#options = options;
  }

  /** The oldest of the namespaces' versions. */
  get lastSyncResourceVersion(): string {
    return this.#options.scopes.version;
  }

  /** Reads until the signal aborts. Resolves when nothing is read any more; rejects when one of the reflectors does. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    if (signal.aborted) return;
    const { namespaces, scopes, retain, onAdded } = this.#options;
    const { promise: over, resolve: end, reject: fail } = Promise.withResolvers<void>();
    const stop = (): void => end();
    signal.addEventListener('abort', stop);
    const unsubscribe = namespaces.subscribe({
      // Other listeners may have changed the set again, and one that comes while it tells is told as well.
      added: (namespace) => {
        if (!namespaces.has(namespace) || this.#parts.has(namespace)) return;
        this.#start(namespace, fail);
        onAdded();
      },
      deleted: (namespace) => {
        if (namespaces.has(namespace) || !this.#parts.has(namespace)) return;
        this.#stop(namespace);
        retain(scopes.namespaces);
      },
    });
    try {
      for (const namespace of namespaces) this.#start(namespace, fail);
      this.#kept.clear();
      retain(scopes.namespaces);
      await over;
    } finally {
      unsubscribe();
      signal.removeEventListener('abort', stop);
      for (const [namespace, part] of this.#parts) {
        this.#stop(namespace);
        this.#kept.set(namespace, part);
      }
      await Promise.all(this.#running);
    }
  }

  #start(namespace: string, fail: (error: unknown) => void): void {
    const { scopes, newReflector } = this.#options;
    const kept = this.#kept.get(namespace);
    this.#kept.delete(namespace);
    const scope = scopes.open(kept?.scope ?? new Scope(namespace));
    const reflector = kept?.reflector ?? newReflector(scope);
    const stop = new AbortController();
    this.#parts.set(namespace, { scope, reflector, stop });
    const ended = reflector.run({ signal: stop.signal }).catch(fail);
    this.#running.add(ended);
    void ended.then(() => this.#running.delete(ended));
  }

  #stop(namespace: string): void {
    this.#parts.get(namespace)?.stop.abort();
    this.#parts.delete(namespace);
    this.#options.scopes.close(namespace);
  }
}
