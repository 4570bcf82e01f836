import assert from 'node:assert/strict';
import type {
  AddOptions,
  DrainOptions,
  GetOptions,
  PrioritizedGetResult,
} from '@kubeloop/workqueue';
import type { TestedQueue } from './options.ts';
import type { Pace } from './pace.ts';
import { quietly } from './quietly.ts';

/** What was asked of a queue. */
type Method = 'addAfter' | 'addRateLimited' | 'forget' | 'numRequeues';

/** A queue under test: every call is awaited, and must be answered soon. */
export class Handle {
  /** The queue itself. */
  readonly queue: TestedQueue;
  readonly #pace: Pace;

  constructor(queue: TestedQueue, pace: Pace) {
    this.queue = queue;
    this.#pace = pace;
  }

  get length(): number {
    return this.queue.length;
  }

  get shuttingDown(): boolean {
    return this.queue.shuttingDown;
  }

  add(item: string, options?: AddOptions): Promise<void> {
    return this.#answer(`add of ${JSON.stringify(item)}`, () => this.queue.add(item, options));
  }

  /** Adds one after the other. */
  async addAll(...items: readonly string[]): Promise<void> {
    for (const item of items) await this.add(item);
  }

  addAfter(item: string, delayMs: number, options?: AddOptions): Promise<void> {
    this.#need('addAfter', 'delays');
    return this.#answer(`addAfter of ${JSON.stringify(item)}`, () =>
      this.queue.addAfter?.(item, delayMs, options),
    );
  }

  addRateLimited(item: string, options?: AddOptions): Promise<void> {
    this.#need('addRateLimited', 'retries');
    return this.#answer(`addRateLimited of ${JSON.stringify(item)}`, () =>
      this.queue.addRateLimited?.(item, options),
    );
  }

  forget(item: string): Promise<void> {
    this.#need('forget', 'retries');
    return this.#answer(`forget of ${JSON.stringify(item)}`, () => this.queue.forget?.(item));
  }

  numRequeues(item: string): number | undefined {
    this.#need('numRequeues', 'retries');
    return this.queue.numRequeues?.(item);
  }

  done(item: string): Promise<void> {
    return this.#answer(`done of ${JSON.stringify(item)}`, () => this.queue.done(item));
  }

  shutDown(): Promise<void> {
    return this.#answer('shutDown', () => this.queue.shutDown());
  }

  /** Begins a drain. May stay unsettled, and may reject unseen. */
  drain(options?: DrainOptions): Promise<void> {
    return quietly(async () => this.queue.shutDownWithDrain(options));
  }

  /** Begins to wait for an item. May stay unsettled, and may reject unseen. */
  get(options?: GetOptions): Promise<PrioritizedGetResult<string>> {
    return quietly(async () => this.queue.get(options));
  }

  /** Takes an item, which must be there. */
  async take(): Promise<string> {
    return itemOf(await this.#pace.soon('get of an item', this.get()));
  }

  /** Takes so many items, which must be there. */
  async takeMany(count: number): Promise<string[]> {
    const items: string[] = [];
    while (items.length < count) items.push(await this.take());
    return items;
  }

  /** Fails unless a get is told that the queue is shut down. */
  async isShutDown(): Promise<void> {
    const result = await this.#pace.soon('get after shutdown', this.get());
    assert.deepEqual([result.shutdown, result.item], [true, undefined]);
  }

  #need(method: Method, ability: string): void {
    assert.equal(
      typeof this.queue[method],
      'function',
      `The queue has no method ${method}; an engine without it says { abilities: { ${ability}: false } }`,
    );
  }

  #answer(what: string, call: () => void | Promise<void>): Promise<void> {
    return this.#pace.soon(
      what,
      quietly(async () => call()),
    );
  }
}

/** The item of an answer that must be one. */
export function itemOf(result: PrioritizedGetResult<string>): string {
  if (result.shutdown)
    throw new assert.AssertionError({
      message: 'The queue says that it is shut down, an item was expected',
    });
  return result.item;
}
