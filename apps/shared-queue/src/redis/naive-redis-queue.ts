import { setTimeout as sleep } from 'node:timers/promises';

import { createClient } from '@redis/client';
import type { PrioritizedGetResult } from '@kubeloop/workqueue';

import type { RigQueue } from '../programs/queue-config.ts';
import type { NaiveRedisFault } from './redis-engine.ts';

export type { NaiveRedisFault } from './redis-engine.ts';

/** What a naive queue is opened with. */
export interface NaiveRedisQueueOptions {
  readonly name: string;
  readonly url: string;
  readonly fault: NaiveRedisFault;
}

/** How long a naive lease lasts, in milliseconds, and how many keys are taken for it. */
const lease = { ms: 2000, keys: 100 } as const;
const shutdownResult = { item: undefined, shutdown: true } as const;

/**
 * A shared queue as one writes it in an hour: a list, a set of what is known, and no script. Tests run their story on it and must find
 * the fault, which shows that they would find it in the real one too.
 */
export class NaiveRedisQueue implements RigQueue {
  readonly #client: ReturnType<typeof createClient>;
  readonly #options: NaiveRedisQueueOptions;
  readonly #local: string[] = [];
  /** What is under way here: it knows that much. */
  readonly #running = new Set<string>();
  #isShuttingDown = false;

  /** Connects. */
  static async open(options: NaiveRedisQueueOptions): Promise<NaiveRedisQueue> {
    const client = createClient({ url: options.url });
    client.on('error', (error: Error) => console.log(error.message));
    await client.connect();
    return new NaiveRedisQueue(options, client as ReturnType<typeof createClient>);
  }

  private constructor(options: NaiveRedisQueueOptions, client: ReturnType<typeof createClient>) {
    this.#options = options;
    this.#client = client;
  }

  async add(key: string): Promise<void> {
    const { name, fault } = this.#options;
    if (fault === 'keeps duplicates' || (await this.#client.sAdd(`${name}.known`, key)) === 1)
      await this.#client.rPush(name, key);
  }

  async addAfter(key: string, delayMs: number): Promise<void> {
    await sleep(delayMs);
    await this.add(key);
  }

  addRateLimited(key: string): Promise<void> {
    return this.add(key);
  }

  async get(): Promise<PrioritizedGetResult<string>> {
    while (!this.#isShuttingDown) {
      const item = this.#local.shift() ?? (await this.#take());
      if (item !== undefined && !this.#running.has(item)) {
        this.#running.add(item);
        return { item, shutdown: false };
      }
      if (item !== undefined) await this.#client.rPush(this.#options.name, item);
      await sleep(20);
    }
    return shutdownResult;
  }

  async done(key: string): Promise<void> {
    const { name, fault } = this.#options;
    this.#running.delete(key);
    if (fault === 'drops adds while running') await this.#client.sRem(`${name}.known`, key);
    if (fault === 'trusts its lease') {
      await this.#client.zRem(`${name}.leases`, key);
      await this.#client.sRem(`${name}.known`, key);
    }
  }

  forget(): void {
    // It counts nothing.
  }

  numRequeues(): number {
    return 0;
  }

  flushed(): Promise<void> {
    return Promise.resolve();
  }

  shutDownWithDrain(): Promise<void> {
    this.#isShuttingDown = true;
    this.#client.destroy();
    return Promise.resolve();
  }

  describe(): { readonly outbox: number } {
    return { outbox: 0 };
  }

  async #take(): Promise<string | undefined> {
    const { name, fault } = this.#options;
    if (fault !== 'trusts its lease') {
      const key = (await this.#client.lPop(name)) ?? undefined;
      if (key !== undefined && fault === 'forgets what it gave')
        await this.#client.sRem(`${name}.known`, key);
      return key;
    }
    const now = Date.now();
    for (const key of await this.#client.zRangeByScore(`${name}.leases`, 0, now)) {
      if ((await this.#client.zRem(`${name}.leases`, key)) === 1)
        await this.#client.rPush(name, key);
    }
    for (const key of (await this.#client.lPopCount(name, lease.keys)) ?? []) {
      await this.#client.zAdd(`${name}.leases`, { score: now + lease.ms, value: key });
      this.#local.push(key);
    }
    return this.#local.shift();
  }
}
