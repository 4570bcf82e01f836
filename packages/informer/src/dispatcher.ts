import type { ObjectLike } from '@kubeloop/cache-store';
import type { Changes } from './changes.ts';
import type { Clock } from './clock.ts';
import type { EventQueue, QueueEntry } from './event-queue.ts';
import type { Notification } from './events.ts';
import type { Listener } from './listener.ts';
import type { Scopes } from './scopes.ts';
import type { InformerMetrics } from './metrics.ts';
import type { Turns } from './turns.ts';

/** What a {@link Dispatcher} is made of. */
export interface DispatcherOptions<T extends ObjectLike> {
  readonly queue: EventQueue<T>;
  readonly changes: Changes<T>;
  /** The namespaces of an informer over several: it has synced when all of them have. */
  readonly scopes?: Scopes | undefined;
  /** What a handler that joins late is told about. */
  readonly list: () => readonly T[];
  /** The version that the store has reached. */
  readonly resourceVersion: () => string;
  readonly keyOf: (obj: T) => string;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly metrics: InformerMetrics;
  /** Told each time the store has been made to hold a list, or only certain namespaces. */
  readonly onReplaced: () => void;
  /** Told when a list, or what has become of the namespaces, has been told to everybody. */
  readonly onTold: () => void;
  /** Told when the first list of a run has been told to everybody. */
  readonly onSynced: () => void;
  readonly onError: (error: unknown, key: string) => void;
}

/** Calls that are being made; kept over a stop, so that no handler misses what the store already holds. */
interface Batch<T> {
  readonly steps: Iterator<Notification<T>>;
  readonly everyone: readonly Listener<T>[];
  /** Those who also want to know what did not change. */
  readonly syncing: readonly Listener<T>[];
  readonly finished: () => void;
}

/**
 * The one loop that takes entries from the queue, writes them to the store and tells the handlers.
 *
 * Whatever is written is told to everybody before the next entry is touched; a handler that is added meanwhile is told the
 * whole store between two entries. That is why it misses nothing and hears nothing twice.
 */
export class Dispatcher<T extends ObjectLike> {
  readonly #options: DispatcherOptions<T>;
  readonly #live = new Set<Listener<T>>();
  readonly #joining = new Set<Listener<T>>();
  /** Those whose resync was due at the last tick and has not been told yet. */
  #resyncing: Listener<T>[] = [];
  #batch: Batch<T> | undefined;
  /** Counts the runs, so that what an earlier one left over cannot complete this one's first list. */
  #run = 0;
  #isSynced = false;

  constructor(options: DispatcherOptions<T>) {
    this.#options = options;
  }

  /** Lets a handler take part, after it has been told what is there. */
  add(listener: Listener<T>): void {
    this.#joining.add(listener);
    this.#options.queue.wake();
  }

  /** Takes a handler out. */
  remove(listener: Listener<T>): void {
    this.#joining.delete(listener);
    this.#live.delete(listener);
  }

  /** Another first list is to come: that of a namespace. Until it is told nobody is synced. */
  expectMore(): void {
    this.#isSynced = false;
    for (const listener of this.#everyone()) listener.synced.restart();
  }

  /** Notes whose resync is due; whether there is anybody. */
  shouldResync(): boolean {
    for (const listener of this.#takeDue())
      if (!this.#resyncing.includes(listener)) this.#resyncing.push(listener);
    return this.#resyncing.length > 0;
  }

  /** Works until the signal aborts; resolves when no call of a handler is running. */
  async run(signal: AbortSignal): Promise<void> {
    this.#run += 1;
    this.#isSynced = false;
    for (const listener of this.#everyone()) listener.synced.restart();
    if (!signal.aborted) {
      const onAbort = (): void => {
        for (const listener of this.#everyone()) listener.pause();
      };
      signal.addEventListener('abort', onAbort);
      for (const listener of this.#live) listener.resume();
      try {
        await this.#work(signal);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    }
    await Promise.all([...this.#everyone()].map((listener) => listener.idle()));
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { queue, turns } = this.#options;
    while (!signal.aborted) {
      if (turns.isOver) await turns.next();
      else if (this.#batch) await this.#tell(this.#batch, signal);
      else if (this.#joining.size > 0) this.#join();
      else {
        const entry = queue.shift();
        if (entry) await this.#process(entry);
        else await queue.waitForEntry();
      }
    }
  }

  async #tell(batch: Batch<T>, signal: AbortSignal): Promise<void> {
    const { turns } = this.#options;
    while (!signal.aborted && !turns.isOver) {
      const step = batch.steps.next();
      if (step.done) {
        this.#batch = undefined;
        batch.finished();
        return;
      }
      const full = deliver(step.value, batch);
      if (full) await Promise.all(full);
    }
  }

  #join(): void {
    const [listener] = this.#joining;
    if (!listener) return;
    this.#joining.delete(listener);
    this.#live.add(listener);
    listener.resume();
    const run = this.#run;
    this.#batch = {
      steps: this.#synthetic((key, obj) => ({ type: 'add', key, obj, isInInitialList: true })),
      everyone: [listener],
      syncing: [],
      finished: () => {
        if (this.#isSynced && run === this.#run) listener.synced.handedOver();
      },
    };
  }

  *#synthetic(make: (key: string, obj: T) => Notification<T>): Generator<Notification<T>> {
    for (const obj of this.#options.list()) yield make(this.#options.keyOf(obj), obj);
  }

  async #process(entry: QueueEntry<T>): Promise<void> {
    const { queue, metrics, clock } = this.#options;
    const startedMs = clock.now();
    const finished = (): void => metrics.processingLatency?.((clock.now() - startedMs) / 1000);
    metrics.queuedItems?.(queue.length);
    // It is of a namespace that has been taken out meanwhile.
    if (entry.scope?.isClosed) {
      if (entry.type === 'replaceAll') entry.settle();
      return;
    }
    switch (entry.type) {
      case 'replaceAll':
        return this.#replace(entry, finished);
      case 'retain':
        return this.#retain(entry.namespaces, finished);
      case 'syncAll': {
        const syncing = this.#resyncing;
        this.#resyncing = [];
        const steps = this.#synthetic((key, obj) => sync(key, obj));
        this.#batch = { steps, everyone: [], syncing, finished };
        return;
      }
      case 'upsert':
      case 'delete':
      case 'bookmark':
        this.#apply(entry, finished);
    }
  }

  #apply(
    entry: Exclude<QueueEntry<T>, { type: 'replaceAll' | 'retain' | 'syncAll' }>,
    finished: () => void,
  ): void {
    try {
      const notifications = this.#options.changes.apply(entry);
      const isSync = notifications.some((n) => n.type === 'update' && n.isSync);
      this.#begin(notifications, isSync ? this.#takeDue() : [], finished);
    } catch (error) {
      this.#options.onError(error, entry.type === 'bookmark' ? '' : entry.key);
    }
  }

  async #replace(
    entry: Extract<QueueEntry<T>, { type: 'replaceAll' }>,
    finished: () => void,
  ): Promise<void> {
    const run = this.#run;
    const { scope } = entry;
    try {
      const isFirst = scope ? !scope.isTold : !this.#isSynced;
      const notifications = await this.#options.changes.replace(entry, isFirst);
      this.#begin(notifications, this.#takeDue(), () => {
        finished();
        if (run !== this.#run) return;
        if (scope) scope.isTold = true;
        this.#told();
      });
    } catch (error) {
      entry.settle(error);
      return;
    }
    entry.settle();
    this.#options.onReplaced();
  }

  async #retain(namespaces: ReadonlySet<string>, finished: () => void): Promise<void> {
    const run = this.#run;
    const notifications = await this.#options.changes.retain(namespaces);
    this.#begin(notifications, [], () => {
      finished();
      if (run === this.#run) this.#told();
    });
    this.#options.onReplaced();
  }

  #begin(
    notifications: Iterable<Notification<T>>,
    syncing: readonly Listener<T>[],
    finished: () => void,
  ): void {
    const { metrics, resourceVersion } = this.#options;
    metrics.storeResourceVersion?.(resourceVersion());
    const steps = notifications[Symbol.iterator]();
    this.#batch = { steps, everyone: [...this.#live], syncing, finished };
  }

  #told(): void {
    this.#options.onTold();
    if (this.#isSynced || this.#options.scopes?.isTold === false) return;
    this.#isSynced = true;
    this.#options.onSynced();
    for (const listener of this.#live) listener.synced.handedOver();
  }

  #takeDue(): Listener<T>[] {
    const nowMs = this.#options.clock.now();
    const due = [...this.#live].filter((listener) => listener.resync.isDue(nowMs));
    for (const listener of due) listener.resync.restart(nowMs);
    return due;
  }

  #everyone(): Listener<T>[] {
    return [...this.#live, ...this.#joining];
  }
}

function sync<T>(key: string, obj: T): Notification<T> {
  return { type: 'update', key, oldObj: obj, newObj: obj, isSync: true };
}

/** Hands one call to everybody concerned; returns what to wait for when somebody's buffer is full. */
function deliver<T>(
  notification: Notification<T>,
  { everyone, syncing }: Batch<T>,
): Promise<void>[] | undefined {
  const isSync = notification.type === 'update' && notification.isSync;
  let full: Promise<void>[] | undefined;
  for (const listener of isSync ? syncing : everyone) {
    const room = listener.deliver(notification);
    if (room) (full ??= []).push(room);
  }
  return full;
}
