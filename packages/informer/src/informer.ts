import {
  Indexer,
  type Indexers,
  Lister,
  metaNamespaceIndexFunc,
  metaNamespaceKeyFunc,
  namespaceIndex,
  type ObjectLike,
} from '@kubeloop/cache-store';
import { CacheSize } from './cache-size.ts';
import { Changes } from './changes.ts';
import { type Clock, systemClock } from './clock.ts';
import { Dispatcher } from './dispatcher.ts';
import { EventQueue } from './event-queue.ts';
import type { ResourceEventHandler } from './events.ts';
import { Gate, type WaitOptions } from './gate.ts';
import { HandlerSet } from './handler-set.ts';
import {
  checkCount,
  checkMilliseconds,
  checkParts,
  type SharedInformerOptions,
} from './informer-options.ts';
import type { InformerState, ReadonlyIndexer, SourceFailure } from './informer-state.ts';
import { type InformerEventListener, type InformerEventName, Lifecycle } from './lifecycle.ts';
import { guardedMetrics, type InformerMetrics } from './metrics.ts';
import type { HandlerOptions, HandlerRegistration } from './registration.ts';
import { ErrorReporter, type InformerErrorContext, warn } from './reporter.ts';
import { ResyncPolicy } from './resync.ts';
import { checkSignal } from './signal.ts';
import { Source } from './source.ts';
import { isNotFound } from './source-failure.ts';
import { Turns } from './turns.ts';

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
  readonly #options: SharedInformerOptions<T>;
  readonly #clock: Clock;
  readonly #indexer: Indexer<T>;
  readonly #lifecycle: Lifecycle;
  readonly #reporter: ErrorReporter;
  readonly #metrics: InformerMetrics;
  readonly #resync: ResyncPolicy;
  readonly #queue: EventQueue<T>;
  readonly #dispatcher: Dispatcher<T>;
  readonly #handlers: HandlerSet<T>;
  readonly #synced: Gate = new Gate();
  /** Lets those look again who wait for a namespace. */
  readonly #told: Gate = new Gate();
  readonly #source: Source<T>;
  #state: 'new' | 'running' | 'stopped' = 'new';

  /** Starts nothing. @throws TypeError or RangeError when an option cannot be used */
  constructor(options: SharedInformerOptions<T>) {
    checkParts(options);
    this.#options = options;
    this.name = options.name ?? options.listerWatcher.resource?.name ?? 'informer';
    this.#clock = options.clock ?? systemClock;
    this.#lifecycle = new Lifecycle((error) =>
      warn(error, { informer: this.name, part: 'listener' }),
    );
    this.#reporter = new ErrorReporter({
      onError: options.onError,
      emit: (error, context) => this.#lifecycle.emit('error', error, context),
    });
    this.#metrics = guardedMetrics(options.metrics, (error) =>
      this.#report(error, { part: 'metrics' }),
    );
    const indexers: Indexers<T> = { [namespaceIndex]: metaNamespaceIndexFunc, ...options.indexers };
    this.#indexer = new Indexer<T>({ indexers, freeze: options.freeze });
    this.lister = new Lister(this.#indexer);
    this.#resync = new ResyncPolicy(
      checkMilliseconds('resyncPeriodMs', options.resyncPeriodMs ?? 0),
    );
    this.#source = this.#newSource();
    this.#queue = this.#newQueue();
    this.#dispatcher = this.#newDispatcher();
    this.#handlers = new HandlerSet({
      informer: this.name,
      clock: this.#clock,
      resync: this.#resync,
      defaultResyncPeriodMs: options.resyncPeriodMs ?? 0,
      metrics: this.#metrics,
      dispatcher: this.#dispatcher,
      onError: (error, context) => this.#report(error, { part: 'handler', ...context }),
    });
    const size = new CacheSize();
    this.#metrics.measure?.({
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
    return this.#source.lastSyncResourceVersion;
  }

  /**
   * The version that the cache has reached, also where a transform takes versions away; empty before the first list. Of an
   * informer over several namespaces the oldest of theirs, see {@link storeVersionOf}.
   */
  get lastStoreSyncResourceVersion(): string {
    return this.#indexer.lastStoreSyncResourceVersion;
  }

  /** The version that the cache has reached in a namespace: that of the whole cache, but for an informer over several. */
  storeVersionOf(namespace: string): string {
    const { scopes } = this.#source;
    return scopes ? scopes.versionOf(namespace) : this.lastStoreSyncResourceVersion;
  }

  /**
   * What went wrong last at the source; `undefined` when it has delivered anything since. Of an informer over several
   * namespaces that of the first one that fails; its message names the namespace.
   */
  get lastFailure(): SourceFailure | undefined {
    return this.#source.lastFailure;
  }

  /** What it is doing, for readiness checks and state dumps. */
  describe(): InformerState {
    return {
      name: this.name,
      state: this.#state,
      hasSynced: this.hasSynced,
      isGone: isNotFound(this.lastFailure?.error),
      objects: this.#indexer.size,
      queued: this.#queue.length,
      resourceVersion: this.lastStoreSyncResourceVersion,
      lastFailure: this.lastFailure,
      ...(this.#source.scopes && { namespaces: this.#source.scopes.describe() }),
      handlers: this.#handlers.describe(),
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
    if (this.isStopped)
      throw new Error(
        `Cannot add a handler to informer "${this.name}": it is stopped; add it before or while the informer runs`,
      );
    return this.#handlers.add(handler, options, this.isRunning);
  }

  /**
   * Adds indices; what is cached is filed at once. Can be done at any time.
   *
   * @throws RangeError when an index of one of the names exists
   */
  addIndexers(indexers: Indexers<T>): void {
    this.#indexer.addIndexers(indexers);
  }

  /** Calls `listener` at each event of the name. Listeners that throw are reported and disturb nobody. */
  on<Name extends InformerEventName>(name: Name, listener: InformerEventListener<Name>): this {
    this.#lifecycle.on(name, listener);
    return this;
  }

  /** Calls `listener` at the next event of the name. */
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
   */
  hasSyncedIn(namespace: string): boolean {
    const { scopes } = this.#source;
    if (!scopes || namespace === '' || !this.isRunning) return this.hasSynced;
    return scopes.isToldIn(namespace);
  }

  /**
   * Resolves when {@link hasSynced} is true, or {@link hasSyncedIn} if a namespace is given. Rejects with the signal's reason,
   * or when the informer stops before.
   */
  async waitForSync(
    options: WaitOptions & { readonly namespace?: string | undefined } = {},
  ): Promise<void> {
    const { namespace = '', signal } = options;
    if (this.isStopped && !this.hasSynced) throw this.#stoppedBeforeSync();
    if (namespace === '' || !this.#source.scopes) return this.#synced.wait({ signal });
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
    this.#queue.open();
    this.#lifecycle.emit('started');
    const stop = new AbortController();
    const onAbort = (): void => {
      if (stop.signal.aborted) return;
      stop.abort(signal.reason);
      this.#queue.close();
      this.#lifecycle.emit('stopping');
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    const ended = (work: Promise<void>): Promise<void> => work.finally(onAbort);
    try {
      const reading = ended(this.#source.run({ signal: stop.signal }));
      const telling = ended(this.#dispatcher.run(stop.signal));
      const results = await Promise.allSettled([reading, telling]);
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    } finally {
      onAbort();
      signal.removeEventListener('abort', onAbort);
      this.#state = 'stopped';
      for (const gate of [this.#synced, this.#told]) gate.fail(this.#stoppedBeforeSync());
      this.#handlers.stopped(this.#stoppedBeforeSync());
      this.#lifecycle.emit('stopped');
    }
  }

  #newSource(): Source<T> {
    return new Source<T>({
      name: this.name,
      options: this.#options,
      clock: this.#clock,
      resync: this.#resync,
      queue: () => this.#queue,
      onAdded: () => {
        this.#synced.close();
        this.#dispatcher.expectMore();
      },
      onError: (error, context) => this.#report(error, context),
    });
  }

  #newQueue(): EventQueue<T> {
    return new EventQueue<T>({
      capacity: checkCount('queueSize', this.#options.queueSize ?? 1000),
      transform: this.#options.transform,
      turns: Turns.of(this.#clock),
      onError: (error, key) => this.#report(error, { part: 'transform', key }),
      held: (key) => this.#indexer.getByKey(key),
      onReceived: (scope) => this.#source.received(scope),
      shouldResync: () => this.#dispatcher.shouldResync(),
    });
  }

  #newDispatcher(): Dispatcher<T> {
    const turns = Turns.of(this.#clock);
    const changes = new Changes<T>({
      store: this.#indexer,
      queue: this.#queue,
      scopes: this.#source.scopes,
      turns,
      onError: (error, key) => this.#report(error, { part: 'store', key }),
    });
    return new Dispatcher({
      queue: this.#queue,
      changes,
      scopes: this.#source.scopes,
      list: () => this.#indexer.list(),
      resourceVersion: () => this.#indexer.lastStoreSyncResourceVersion,
      keyOf: metaNamespaceKeyFunc,
      clock: this.#clock,
      turns,
      metrics: this.#metrics,
      onReplaced: () => void this.#lifecycle.emit('replaced'),
      onTold: () => this.#told.release(),
      onSynced: () => {
        this.#synced.open();
        this.#lifecycle.emit('synced');
      },
      onError: (error, key) => this.#report(error, { part: 'store', key }),
    });
  }

  #report(error: unknown, context: Omit<InformerErrorContext, 'informer'>): void {
    this.#reporter.report(error, { informer: this.name, ...context });
  }

  #stoppedBeforeSync(): Error {
    return new Error(`Cannot wait for informer "${this.name}": it was stopped before it synced`);
  }
}
