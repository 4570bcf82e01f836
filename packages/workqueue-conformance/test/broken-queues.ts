import type { Clock } from '@kubeloop/ratelimiter';
import {
  type AddOptions,
  type DrainOptions,
  type GetOptions,
  type GetResult,
  type PrioritizedGetResult,
  PriorityQueue,
  RateLimitingQueue,
} from '@kubeloop/workqueue';

/** Knows what is in work. */
class Tracking extends RateLimitingQueue<string> {
  protected readonly inWork: Set<string> = new Set();

  override async get(options?: GetOptions): Promise<GetResult<string>> {
    const result = await super.get(options);
    if (!result.shutdown) this.inWork.add(result.item);
    return result;
  }

  override done(item: string): void {
    this.inWork.delete(item);
    super.done(item);
  }
}

export class LosesAdditionsInWork extends Tracking {
  override add(item: string, options?: AddOptions): void {
    if (!this.inWork.has(item)) super.add(item, options);
  }
}

export class LosesAnAdditionNowAndThen extends RateLimitingQueue<string> {
  #count = 0;

  override add(item: string, options?: AddOptions): void {
    this.#count += 1;
    if (this.#count % 100 > 0) super.add(item, options);
  }
}

export class GivesItemsToTwoWorkers extends Tracking {
  override add(item: string, options?: AddOptions): void {
    if (this.inWork.has(item)) super.done(item);
    super.add(item, options);
  }
}

/** Tells equal items apart: each addition is an item of its own. */
export class QueuesEveryAddition extends RateLimitingQueue<string> {
  #count = 0;

  override add(item: string, options?: AddOptions): void {
    this.#count += 1;
    super.add(`${item}@${this.#count}`, options);
  }

  override async get(options?: GetOptions): Promise<GetResult<string>> {
    const result = await super.get(options);
    if (result.shutdown) return result;
    super.done(result.item);
    return { item: result.item.replace(/@\d+$/, ''), shutdown: false };
  }
}

export class AddsTwice extends QueuesEveryAddition {
  override add(item: string, options?: AddOptions): void {
    super.add(item, options);
    super.add(item, options);
  }
}

export class HandsOutTheNewestFirst extends RateLimitingQueue<string> {
  constructor(clock: Clock) {
    const items: string[] = [];
    super({
      clock,
      storage: {
        touch: () => {},
        push: (item) => void items.push(item),
        // The queue pops only what it has pushed.
        pop: () => items.pop() as string,
        get length() {
          return items.length;
        },
      },
    });
  }
}

export class DelaysTooShort extends RateLimitingQueue<string> {
  override addAfter(item: string, delayMs: number): void {
    super.addAfter(item, delayMs * 0.99);
  }
}

/** As a broker does that looks at the head of its queue of delayed messages only. */
export class LongDelaysBlock extends RateLimitingQueue<string> {
  readonly #clock: Clock;
  #lastMs = 0;

  constructor(clock: Clock) {
    super({ clock });
    this.#clock = clock;
  }

  override addAfter(item: string, delayMs: number): void {
    const nowMs = this.#clock.now();
    this.#lastMs = Math.max(this.#lastMs, nowMs + delayMs);
    super.addAfter(item, this.#lastMs - nowMs);
  }
}

export class EveryDelayCounts extends RateLimitingQueue<string> {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    super({ clock });
    this.#clock = clock;
  }

  override addAfter(item: string, delayMs: number): void {
    if (delayMs > 0) this.#clock.setTimeout(() => super.add(item), delayMs);
    else super.addAfter(item, delayMs);
  }
}

export class TakesAnyDelay extends RateLimitingQueue<string> {
  override add(item: string, options?: AddOptions): void {
    super.add(item, { ...options, afterMs: Number(options?.afterMs) || 0 });
  }

  override addAfter(item: string, delayMs: number): void {
    super.addAfter(item, Number.isFinite(delayMs) ? delayMs : 0);
  }
}

export class RetriesAtOnce extends RateLimitingQueue<string> {
  override addAfter(item: string, delayMs: number): void {
    super.addAfter(item, delayMs <= 100 ? 0 : delayMs);
  }
}

export class ForgetsWhenDone extends RateLimitingQueue<string> {
  override done(item: string): void {
    this.forget(item);
    super.done(item);
  }
}

export class NeverForgets extends RateLimitingQueue<string> {
  override forget(): void {}
}

export class CountsFailuresOfAll extends RateLimitingQueue<string> {
  override numRequeues(): number {
    return super.numRequeues('');
  }

  override addRateLimited(item: string): void {
    super.addRateLimited('');
    super.done('');
    super.addAfter(item, 5);
  }
}

export class IgnoresAborts extends RateLimitingQueue<string> {
  override get(): Promise<GetResult<string>> {
    return super.get();
  }
}

export class TakesAnItemWithAnAbortedWait extends RateLimitingQueue<string> {
  override async get(options?: GetOptions): Promise<GetResult<string>> {
    const result = await super.get();
    options?.signal?.throwIfAborted();
    return result;
  }
}

export class LosesWhatIsQueuedAtShutdown extends RateLimitingQueue<string> {
  override async get(options?: GetOptions): Promise<GetResult<string>> {
    return this.shuttingDown ? { item: undefined, shutdown: true } : super.get(options);
  }
}

export class AcceptsAfterShutdown extends RateLimitingQueue<string> {
  #late: string[] = [];

  override add(item: string, options?: AddOptions): void {
    if (this.shuttingDown) this.#late.push(item);
    else super.add(item, options);
  }

  override async get(options?: GetOptions): Promise<GetResult<string>> {
    const result = await super.get(options);
    const late = result.shutdown ? this.#late.shift() : undefined;
    return late === undefined ? result : { item: late, shutdown: false };
  }
}

export class DelaysOutliveShutdown extends AcceptsAfterShutdown {
  readonly #clock: Clock;

  constructor(options: { clock: Clock }) {
    super(options);
    this.#clock = options.clock;
  }

  override addAfter(item: string, delayMs: number): void {
    if (delayMs > 0) this.#clock.setTimeout(() => this.add(item), delayMs);
    else super.addAfter(item, delayMs);
  }
}

export class WakesOneAtShutdown extends RateLimitingQueue<string> {
  override async get(options?: GetOptions): Promise<GetResult<string>> {
    const result = await super.get(options);
    if (result.shutdown) this.#told += 1;
    return this.#told > 1 ? new Promise(() => {}) : result;
  }

  #told = 0;
}

export class DrainsWithoutWaiting extends RateLimitingQueue<string> {
  override async shutDownWithDrain(): Promise<void> {
    this.shutDown();
  }
}

export class DrainsUntilEmpty extends Tracking {
  override async shutDownWithDrain(options: DrainOptions = {}): Promise<void> {
    await super.shutDownWithDrain(options);
    if (this.length > 0) await new Promise(() => {});
  }
}

export class DrainsWhateverHappens extends Tracking {
  override async shutDownWithDrain(options: DrainOptions = {}): Promise<void> {
    await super.shutDownWithDrain(options);
    if (this.inWork.size > 0) await new Promise(() => {});
  }
}

export class ShutdownWaitsForWork extends Tracking {
  // oxlint-disable-next-line typescript/no-misused-promises -- the contract lets a shutdown answer by a promise
  override shutDown(): Promise<void> {
    super.shutDown();
    return this.inWork.size > 0 ? new Promise(() => {}) : Promise.resolve();
  }
}

export class DoneTakesOutWhatIsQueued extends Tracking {
  readonly #gone = new Set<string>();

  override done(item: string): void {
    if (!this.inWork.has(item)) this.#gone.add(item);
    super.done(item);
  }

  override async get(options?: GetOptions): Promise<GetResult<string>> {
    const result = await super.get(options);
    if (result.shutdown || !this.#gone.delete(result.item)) return result;
    this.done(result.item);
    return this.get(options);
  }
}

export class MistakesKeys extends RateLimitingQueue<string> {
  override add(item: string, options?: AddOptions): void {
    super.add(item.normalize('NFC').trim(), options);
  }
}

export class LoopsTakeAhead extends RateLimitingQueue<string> {
  override async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    let next = this.get();
    for (;;) {
      const result = await next;
      if (result.shutdown) return;
      next = this.get();
      yield result.item;
    }
  }
}

export class LoopsForEver extends RateLimitingQueue<string> {
  override async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      const result = await this.get();
      if (result.shutdown) await new Promise(() => {});
      else yield result.item;
    }
  }
}

export class AbortsTheWork extends RateLimitingQueue<string> {
  override async get(
    options?: GetOptions,
  ): Promise<GetResult<string> & { readonly signal: AbortSignal }> {
    return { ...(await super.get(options)), signal: AbortSignal.abort() };
  }
}

export class CountsWhatIsInWork extends Tracking {
  override get length(): number {
    return super.length + this.inWork.size;
  }
}

export class IgnoresPriorities extends PriorityQueue<string> {
  override add(item: string, options?: AddOptions): void {
    super.add(item, { ...options, priority: 0 });
  }
}

export class PrioritiesStay extends PriorityQueue<string> {
  readonly #known = new Map<string, number>();

  override add(item: string, options?: AddOptions): void {
    const priority = Math.max(options?.priority ?? 0, this.#known.get(item) ?? 0);
    this.#known.set(item, priority);
    super.add(item, { ...options, priority });
  }
}

export class TheNewestOfAPriorityFirst extends PriorityQueue<string> {
  #count = 0;

  override add(item: string, options?: AddOptions): void {
    this.#count += 1;
    super.add(item, { ...options, priority: (options?.priority ?? 0) * 1000 + this.#count });
  }

  override async get(options?: GetOptions): Promise<PrioritizedGetResult<string>> {
    const result = await super.get(options);
    return { ...result, priority: Math.floor((result.priority ?? 0) / 1000) };
  }
}
