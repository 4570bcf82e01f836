import { abortable } from '@kubeloop/workqueue/engine';
import type { GetOptions, PrioritizedGetResult, QueueMetricsProvider } from '@kubeloop/workqueue';
import { PriorityQueue } from '@kubeloop/workqueue';
import type { Lease } from './lease.ts';
import { factsOf, leftOf, type Messages } from './message.ts';
import { partitionOf } from './partition.ts';
import type { Report } from './report.ts';
import type { Retries } from './retries.ts';
import { Run } from './run.ts';
import type { Holding } from './holding.ts';
import type { Settings } from './settings.ts';
import type { TokenTable } from './tokens.ts';
import type { Delivery, OutMessage } from './transport.ts';

/** Options of {@link Consumer}. */
export interface ConsumerOptions {
  readonly settings: Settings;
  readonly epochNow: () => number;
  readonly report: Report;
  readonly retries: Retries;
  readonly lease: Lease;
  /** The partitions, in order. */
  readonly holdings: readonly Holding[];
  readonly metrics: QueueMetricsProvider | undefined;
  readonly messages: Messages;
  /** Publishes, and resolves when that is confirmed. */
  readonly send: (message: OutMessage) => Promise<void>;
}

const shutdownResult = { item: undefined, shutdown: true } as const;

/** What is worked on in this process, and what waits for it. */
export class Consumer {
  readonly #options: ConsumerOptions;
  /**
   * Keys that may be startable, in the order in which they are handed out. Whether one is says the table of its partition, when it is
   * its turn: what was lost meanwhile is skipped.
   */
  readonly #ready: PriorityQueue<string>;
  /** What is under way, stale or not: never two of a key. */
  readonly #runs = new Map<string, Run>();
  #isShuttingDown = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    const { name, clock } = options.settings;
    this.#ready = new PriorityQueue({ name, clock, metrics: options.metrics });
  }

  /** How many keys can be handed out. */
  get length(): number {
    return this.#ready.length;
  }

  /** What is under way, longest first. */
  get runs(): ReadonlyMap<string, Run> {
    return this.#runs;
  }

  /** See `Queue.get`. */
  async get(options: GetOptions = {}): Promise<PrioritizedGetResult<string>> {
    const { lease } = this.#options;
    const { signal } = options;
    for (;;) {
      signal?.throwIfAborted();
      if (this.#isShuttingDown) return shutdownResult;
      if (!lease.isValid) {
        await abortable(lease.whenValid(), signal);
        continue;
      }
      const result = await this.#ready.get(options);
      if (result.shutdown) return shutdownResult;
      const run = this.#start(result.item, result.priority ?? 0);
      if (run)
        return {
          item: result.item,
          shutdown: false,
          priority: result.priority ?? 0,
          signal: run.signal,
        };
    }
  }

  /** Ends the run of `key`. Returns whether there was one. */
  done(key: string): boolean {
    const run = this.#runs.get(key);
    if (!run) return false;
    this.#runs.delete(key);
    this.#ready.done(key);
    const holding = this.#holdingOf(key);
    if (!run.isStale) {
      const { again, token, table } = run;
      const tag = table.finish(token, again);
      if (tag !== 0) holding.settle(table, tag, run.published());
      holding.check();
    }
    this.arm(holding, key);
    if (this.#runs.size === 0) {
      this.#idle?.resolve();
      this.#idle = undefined;
    }
    return true;
  }

  /** Takes a message in. */
  deliver(holding: Holding, table: TokenTable, delivery: Delivery): void {
    const { settings, report, epochNow, messages } = this.#options;
    const facts = factsOf(delivery);
    const key = delivery.body;
    const nowMs = settings.clock.now();
    if (delivery.isRedelivered) report.count('redeliveries');
    const leftMs = leftOf(facts, epochNow());
    if (leftMs >= (settings.delayLevelsMs[0] ?? 0)) {
      this.#passOn(holding, table, delivery.tag, messages.later(key, { ...facts, leftMs }));
      return;
    }
    if (partitionOf(key, settings.partitions) !== holding.index) {
      // Somebody else has published it: here it could never start.
      this.#passOn(holding, table, delivery.tag, messages.work(key, facts));
      return;
    }
    const known = table.get(key);
    const before = table.priorityOf(key);
    const isOurs = facts.renewal !== undefined && known?.renewal === facts.renewal;
    const mayRunElsewhere = delivery.isRedelivered || (facts.renewal !== undefined && !isOurs);
    const isDuplicate = table.arrive({
      key,
      tag: delivery.tag,
      nowMs,
      dueMs: nowMs + leftMs,
      notBeforeMs: mayRunElsewhere ? holding.takeover.holdUntil() : 0,
      attempts: facts.attempts,
      counter: facts.counter,
      priority: facts.priority,
      renewal: facts.renewal,
    });
    if (isDuplicate) report.count('duplicates');
    if (!isDuplicate || table.priorityOf(key) > before) this.arm(holding, key);
  }

  /** Lines a key up, if it is not under way. */
  arm(holding: Holding, key: string): void {
    if (holding.isFilling || this.#runs.has(key)) return;
    const atMs = holding.table?.startableAtMs(key);
    if (atMs === undefined) return;
    const priority = holding.table?.priorityOf(key) ?? 0;
    const afterMs = atMs - this.#options.settings.clock.now();
    this.#ready.add(key, afterMs > 0 ? { priority, afterMs } : { priority });
  }

  /** Lines all keys of a partition up. */
  armAll(holding: Holding, table: TokenTable): void {
    for (const { key } of table.values()) this.arm(holding, key);
  }

  /** The messages of a subscription are not ours any more. */
  lose(holding: Holding, table: TokenTable): void {
    this.#options.retries.forgetAll(
      (key) => partitionOf(key, this.#options.settings.partitions) === holding.index,
    );
    for (const [key, run] of this.#runs) {
      if (run.table !== table || run.isStale) continue;
      this.#options.report.count('staleRuns');
      run.becomeStale(`The work on "${key}" is to end: its partition was lost to another process`);
    }
  }

  /** Whether anything of a partition is under way here, stale or not. */
  hasRuns(partition: number): boolean {
    const { partitions } = this.#options.settings;
    for (const key of this.#runs.keys())
      if (partitionOf(key, partitions) === partition) return true;
    return false;
  }

  /** The lease has run out. */
  expire(): void {
    for (const [key, run] of this.#runs)
      run.abort(`The work on "${key}" is to end: the broker does not answer`);
  }

  /** Hands out nothing from now on. */
  shutDown(): void {
    this.#isShuttingDown = true;
    this.#ready.shutDown();
    this.#options.lease.release();
  }

  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void> {
    if (this.#runs.size === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  /** Keys that wait here, those first that can be handed out. */
  describe(limit: number): ReturnType<PriorityQueue<string>['describe']> {
    return this.#ready.describe({ limit });
  }

  /** The next level of a delay. It is a message of its own: the broker drops one that comes by the same way again and again. */
  #passOn(holding: Holding, table: TokenTable, tag: number, message: OutMessage): void {
    table.pass();
    holding.settle(table, tag, this.#options.send(message));
  }

  #start(key: string, priority: number): Run | undefined {
    const holding = this.#holdingOf(key);
    const { table } = holding;
    const nowMs = this.#options.settings.clock.now();
    const atMs = holding.canStart ? table?.startableAtMs(key) : undefined;
    const isRefused = this.#isShuttingDown || !this.#options.lease.isValid;
    if (table === undefined || atMs === undefined || atMs > nowMs || isRefused) {
      if (atMs !== undefined) this.#ready.add(key, { priority, afterMs: atMs - nowMs });
      this.#ready.done(key);
      return undefined;
    }
    const token = table.start(key, nowMs);
    const run = new Run(token, table);
    this.#runs.set(key, run);
    this.#options.retries.catchUp(key, token.attempts, token.counter);
    return run;
  }

  #holdingOf(key: string): Holding {
    // There is one for every partition.
    return this.#options.holdings[partitionOf(key, this.#options.settings.partitions)]!;
  }
}
