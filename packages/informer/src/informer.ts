import {
  Indexer,
  type Indexers,
  Lister,
  metaNamespaceIndexFunc,
  namespaceIndex,
  type ObjectLike,
} from '@kubeloop/cache-store';
import { CacheSize } from './cache-size.ts';
import { checkOptions, checkSignal, checkWait, shown } from './checks.ts';
import type { ResourceEventHandler } from './events.ts';
import { Gate, type WaitOptions } from './gate.ts';
import { checkParts, type SharedInformerOptions } from './informer-options.ts';
import type { InformerState, ReadonlyIndexer, SourceFailure } from './informer-state.ts';
import { type InformerEventListener, type InformerEventName, Lifecycle } from './lifecycle.ts';
import { guardedMetrics, type InformerMetrics } from './metrics.ts';
import { Pipeline } from './pipeline.ts';
import type { HandlerOptions, HandlerRegistration } from './registration.ts';
import { ErrorReporter, type InformerErrorContext, warn } from './reporter.ts';
import { isNotFound } from './source-failure.ts';

/**
 * One watch and one indexed cache of a kind of object, shared by any number of handlers.
 *
 * The cache is always at least as new as what a handler is told. Every handler is told every object once, then every
 * change in order, whenever it was added. A lost connection shows in `error` events only: what was missed is told when the
 * connection is back, deletions as tombstones. After a stop it can be run again, and goes on from the cache it has.
 */
export class SharedInformer<T extends ObjectLike> {
  /** What the informer is called in errors. */
  readonly name: string;
  /** Reads the cache by key, namespace and label selector. */
  readonly lister: Lister<T>;
  readonly #indexer: Indexer<T>;
  readonly #lifecycle: Lifecycle;
  readonly #reporter: ErrorReporter;
  readonly #pipeline: Pipeline<T>;
  readonly #synced: Gate = new Gate();
  /** Lets those look again who wait for a namespace. */
  readonly #told: Gate = new Gate();
  #state: 'new' | 'running' | 'stopped' = 'new';

  /** Starts nothing. @throws TypeError or RangeError when an option cannot be used */
  constructor(options: SharedInformerOptions<T>) {
    checkParts(options);
    this.name = options.name ?? options.listerWatcher.resource?.name ?? 'informer';
    this.#lifecycle = new Lifecycle((error) =>
      warn(error, { informer: this.name, part: 'listener' }),
    );
    this.#reporter = new ErrorReporter({
      onError: options.onError,
      emit: (error, context) => this.#lifecycle.emit('error', error, context),
    });
    const metrics = guardedMetrics(options.metrics, (error) =>
      this.#report(error, { part: 'metrics' }),
    );
    const indexers: Indexers<T> = { [namespaceIndex]: metaNamespaceIndexFunc, ...options.indexers };
    this.#indexer = new Indexer<T>({ indexers, freeze: options.freeze });
    this.lister = new Lister(this.#indexer);
    this.#pipeline = this.#newPipeline(options, metrics);
    const size = new CacheSize();
    metrics.measure?.({
      describe: () => this.describe(),
      estimateCacheBytes: () => size.estimate(this.#indexer.list()),
    });
  }

  /** The cache, to read from; objects that are in it have been or are about to be told to handlers. */
  get indexer(): ReadonlyIndexer<T> {
    return this.#indexer;
  }

  /**
   * Whether the first list of the current run, or else of the last one, is in the cache and has been told to every handler.
   * Of an informer over several namespaces: whether those of all of them are, so that it is false again while one that has
   * come in is read for the first time.
   */
  get hasSynced(): boolean {
    return this.#synced.isOpen;
  }

  /** Whether it runs now. */
  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** Whether it ran and was stopped. */
  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  /** The version up to which the source has been read; empty before the first list. The cache may be a little behind. */
  get lastSyncResourceVersion(): string {
    return this.#pipeline.source.lastSyncResourceVersion;
  }

  /**
   * The version that the cache has reached, also where a transform takes versions away; empty before the first list. Of an
   * informer over several namespaces the oldest of theirs, see {@link storeVersionOf}.
   */
  get lastStoreSyncResourceVersion(): string {
    return this.#indexer.lastStoreSyncResourceVersion;
  }

  /**
   * The version that the cache has reached in a namespace: that of the whole cache, but for an informer over several.
   *
   * @throws TypeError when the namespace is no text
   */
  storeVersionOf(namespace: string): string {
    checkNamespace(`Cannot tell the version of informer "${this.name}"`, namespace);
    const { scopes } = this.#pipeline.source;
    return scopes ? scopes.versionOf(namespace) : this.lastStoreSyncResourceVersion;
  }

  /**
   * What went wrong last at the source; `undefined` when it has delivered anything since. Of an informer over several
   * namespaces that of the first one that fails; its message names the namespace.
   */
  get lastFailure(): SourceFailure | undefined {
    return this.#pipeline.source.lastFailure;
  }

  /** What it is doing, for readiness checks and state dumps. */
  describe(): InformerState {
    const { queue, source, handlers } = this.#pipeline;
    return {
      name: this.name,
      state: this.#state,
      hasSynced: this.hasSynced,
      isGone: isNotFound(this.lastFailure?.error),
      objects: this.#indexer.size,
      queued: queue.length,
      resourceVersion: this.lastStoreSyncResourceVersion,
      lastFailure: this.lastFailure,
      ...(source.scopes && { namespaces: source.scopes.describe() }),
      handlers: handlers.describe(),
    };
  }

  /**
   * Adds a handler. It is told every object of the cache, and then what changes; on a running informer this begins soon
   * after. The same object can be added twice and is then called twice.
   *
   * @throws TypeError when the handler is none; RangeError when an option is out of range; Error when the informer is stopped
   */
  addEventHandler(
    handler: ResourceEventHandler<T>,
    options: HandlerOptions = {},
  ): HandlerRegistration {
    checkOptions(`Cannot add a handler to informer "${this.name}"`, options);
    if (this.isStopped)
      throw new Error(
        `Cannot add a handler to informer "${this.name}": it is stopped; add it before or while the informer runs`,
      );
    return this.#pipeline.handlers.add(handler, options, this.isRunning);
  }

  /**
   * Adds indices; what is cached is filed at once. Can be done at any time.
   *
   * @throws RangeError when an index of one of the names exists; TypeError when they are none
   */
  addIndexers(indexers: Indexers<T>): void {
    this.#indexer.addIndexers(indexers);
  }

  /**
   * Calls `listener` at each event of the name. Listeners that throw are reported and disturb nobody.
   *
   * @throws TypeError when there is no such event, or the listener is no function
   */
  on<Name extends InformerEventName>(name: Name, listener: InformerEventListener<Name>): this {
    this.#lifecycle.on(name, listener);
    return this;
  }

  /** Calls `listener` at the next event of the name. @throws TypeError as {@link on} does */
  once<Name extends InformerEventName>(name: Name, listener: InformerEventListener<Name>): this {
    this.#lifecycle.once(name, listener);
    return this;
  }

  /** Takes a listener back. */
  off<Name extends InformerEventName>(name: Name, listener: InformerEventListener<Name>): this {
    this.#lifecycle.off(name, listener);
    return this;
  }

  /**
   * The same as {@link hasSynced} for the objects of one namespace: of an informer over several a namespace that cannot be
   * read keeps none of the others from it. True of a namespace that is not looked at; of an empty name as `hasSynced`.
   *
   * @throws TypeError when the namespace is no text
   */
  hasSyncedIn(namespace: string): boolean {
    checkNamespace(`Cannot tell whether informer "${this.name}" has synced`, namespace);
    const { scopes } = this.#pipeline.source;
    if (!scopes || namespace === '' || !this.isRunning) return this.hasSynced;
    return scopes.isToldIn(namespace);
  }

  /**
   * Resolves when {@link hasSynced} is true, or {@link hasSyncedIn} if a namespace is given. Rejects with the signal's reason,
   * or when the informer stops before; with a TypeError when signal or namespace is none.
   */
  async waitForSync(
    options: WaitOptions & { readonly namespace?: string | undefined } = {},
  ): Promise<void> {
    const action = `Cannot wait for informer "${this.name}"`;
    checkWait(action, options);
    const { namespace = '', signal } = options;
    checkNamespace(action, namespace);
    if (this.isStopped && !this.hasSynced) throw this.#stoppedBeforeSync();
    if (namespace === '' || !this.#pipeline.source.scopes) return this.#synced.wait({ signal });
    while (!this.hasSyncedIn(namespace)) await this.#told.wait({ signal });
  }

  /**
   * Lists, watches, fills the cache and tells handlers until the signal aborts. Resolves when the connection is closed and
   * no handler is being called.
   *
   * @throws Error when it runs already; TypeError without a signal
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const signal: unknown = options?.signal;
    checkSignal(`Cannot run informer "${this.name}"`, signal);
    if (this.isRunning) throw new Error(`Cannot run informer "${this.name}": it runs already`);
    this.#state = 'running';
    this.#synced.close();
    this.#pipeline.queue.open();
    this.#lifecycle.emit('started');
    const stop = new AbortController();
    const onAbort = (): void => {
      if (stop.signal.aborted) return;
      stop.abort(signal.reason);
      this.#pipeline.queue.close();
      this.#lifecycle.emit('stopping');
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    try {
      await this.#pipeline.run(stop.signal, onAbort);
    } finally {
      onAbort();
      signal.removeEventListener('abort', onAbort);
      this.#state = 'stopped';
      for (const gate of [this.#synced, this.#told]) gate.fail(this.#stoppedBeforeSync());
      this.#pipeline.handlers.stopped(this.#stoppedBeforeSync());
      this.#lifecycle.emit('stopped');
    }
  }

  #newPipeline(options: SharedInformerOptions<T>, metrics: InformerMetrics): Pipeline<T> {
    return new Pipeline<T>({
      name: this.name,
      options,
      indexer: this.#indexer,
      metrics,
      onAdded: () => this.#synced.close(),
      onReplaced: () => void this.#lifecycle.emit('replaced'),
      onTold: () => this.#told.release(),
      onSynced: () => {
        this.#synced.open();
        this.#lifecycle.emit('synced');
      },
      onError: (error, context) => this.#report(error, context),
    });
  }

  #report(error: unknown, context: Omit<InformerErrorContext, 'informer'>): void {
    this.#reporter.report(error, { informer: this.name, ...context });
  }

  #stoppedBeforeSync(): Error {
    return new Error(`Cannot wait for informer "${this.name}": it was stopped before it synced`);
  }
}

function checkNamespace(action: string, namespace: unknown): void {
  if (typeof namespace !== 'string')
    throw new TypeError(`${action} in namespace ${shown(namespace)}: it must be text`);
}
