import { type Indexer, metaNamespaceKeyFunc, type ObjectLike } from '@kubeloop/cache-store';
import { Changes } from './changes.ts';
import { checkCount, checkMilliseconds } from './checks.ts';
import { type Clock, systemClock } from './clock.ts';
import { Dispatcher } from './dispatcher.ts';
import { EventQueue } from './event-queue.ts';
import { HandlerSet } from './handler-set.ts';
import type { SharedInformerOptions } from './informer-options.ts';
import type { InformerMetrics } from './metrics.ts';
import type { InformerErrorContext } from './reporter.ts';
import { ResyncPolicy } from './resync.ts';
import { Source } from './source.ts';
import { Turns } from './turns.ts';

/** What a {@link Pipeline} is made of. */
export interface PipelineOptions<T extends ObjectLike> {
  /** The name of the informer. */
  readonly name: string;
  readonly options: SharedInformerOptions<T>;
  readonly indexer: Indexer<T>;
  readonly metrics: InformerMetrics;
  /** Told of each namespace that comes in during a run: its first list is to come. */
  readonly onAdded: () => void;
  /** As those of the {@link Dispatcher}. */
  readonly onReplaced: () => void;
  readonly onTold: () => void;
  readonly onSynced: () => void;
  readonly onError: (error: unknown, context: Omit<InformerErrorContext, 'informer'>) => void;
}

/** The way of what happens at the source: through a queue into the cache, and to the handlers. */
export class Pipeline<T extends ObjectLike> {
  /** Where it begins. */
  readonly source: Source<T>;
  /** Where it waits for the cache. */
  readonly queue: EventQueue<T>;
  /** Where it ends. */
  readonly handlers: HandlerSet<T>;
  readonly #options: PipelineOptions<T>;
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #resync: ResyncPolicy;
  readonly #dispatcher: Dispatcher<T>;

  /** Starts nothing. @throws TypeError or RangeError when a number cannot be used */
  constructor(options: PipelineOptions<T>) {
    const { clock = systemClock, resyncPeriodMs = 0 } = options.options;
    this.#options = options;
    this.#clock = clock;
    this.#turns = Turns.of(clock);
    this.#resync = new ResyncPolicy(checkMilliseconds('resyncPeriodMs', resyncPeriodMs));
    this.source = this.#newSource();
    this.queue = this.#newQueue();
    this.#dispatcher = this.#newDispatcher();
    this.handlers = new HandlerSet({
      informer: options.name,
      clock,
      resync: this.#resync,
      defaultResyncPeriodMs: resyncPeriodMs,
      metrics: options.metrics,
      dispatcher: this.#dispatcher,
      onError: (error, context) => options.onError(error, { part: 'handler', ...context }),
    });
  }

  /**
   * Reads, stores and tells until the signal aborts; the queue is to be opened before, and closed with the abort. Resolves when
   * nothing of that goes on any more.
   *
   * @param onEnd - told when one part has ended, so that the other one is ended, too
   */
  async run(signal: AbortSignal, onEnd: () => void): Promise<void> {
    const parts = [this.source.run({ signal }), this.#dispatcher.run(signal)];
    const results = await Promise.allSettled(parts.map((part) => part.finally(onEnd)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  #newSource(): Source<T> {
    const { name, options, onAdded, onError } = this.#options;
    return new Source<T>({
      name,
      options,
      clock: this.#clock,
      resync: this.#resync,
      queue: () => this.queue,
      onAdded: () => {
        onAdded();
        this.#dispatcher.expectMore();
      },
      onError,
    });
  }

  #newQueue(): EventQueue<T> {
    const { options, indexer, onError } = this.#options;
    return new EventQueue<T>({
      capacity: checkCount('queueSize', options.queueSize ?? 1000),
      transform: options.transform,
      turns: this.#turns,
      onError: (error, key) => onError(error, { part: 'transform', key }),
      held: (key) => indexer.getByKey(key),
      onReceived: (scope) => this.source.received(scope),
      shouldResync: () => this.#dispatcher.shouldResync(),
    });
  }

  #newDispatcher(): Dispatcher<T> {
    const { indexer, metrics, onReplaced, onTold, onSynced } = this.#options;
    const { scopes } = this.source;
    const onError = (error: unknown, key: string): void =>
      this.#options.onError(error, { part: 'store', key });
    const parts = { queue: this.queue, scopes, turns: this.#turns, onError };
    return new Dispatcher({
      ...parts,
      changes: new Changes<T>({ ...parts, store: indexer }),
      list: () => indexer.list(),
      resourceVersion: () => indexer.lastStoreSyncResourceVersion,
      keyOf: metaNamespaceKeyFunc,
      clock: this.#clock,
      metrics,
      onReplaced,
      onTold,
      onSynced,
    });
  }
}
