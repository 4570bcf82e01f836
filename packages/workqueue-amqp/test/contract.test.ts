import { ItemExponentialFailureRateLimiter, type RateLimiter } from '@kubeloop/ratelimiter';
import type { AddOptions, DrainOptions, GetOptions } from '@kubeloop/workqueue';
import { queueContract, type TestedQueue } from '@kubeloop/workqueue-conformance';
import { describe, test } from 'vitest';
import type { Engine } from '../src/engine.ts';
import { Rig } from './open-fake.ts';

/** The methods that `AmqpQueue` gives an engine. */
class Handle implements TestedQueue {
  readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }
  get length(): number {
    return this.engine.length;
  }
  get shuttingDown(): boolean {
    return this.engine.isShuttingDown;
  }
  add(key: string, options?: AddOptions): Promise<void> {
    return this.engine.add(key, options);
  }
  addAfter(key: string, afterMs: number, options?: AddOptions): Promise<void> {
    return this.engine.add(key, { ...options, afterMs });
  }
  addRateLimited(key: string, options?: AddOptions): Promise<void> {
    return this.engine.add(key, { ...options, rateLimited: true });
  }
  forget(key: string): void {
    this.engine.forget(key);
  }
  numRequeues(key: string): number {
    return this.engine.numRequeues(key);
  }
  get(options?: GetOptions): ReturnType<TestedQueue['get']> {
    return this.engine.get(options);
  }
  done(key: string): void {
    this.engine.done(key);
  }
  shutDown(): void {
    this.engine.shutDown();
  }
  shutDownWithDrain(options: DrainOptions = {}): Promise<void> {
    return this.engine.drain(options.signal);
  }
  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    for (;;) {
      const result = await this.get();
      if (result.shutdown) return;
      yield result.item;
    }
  }
}

let rig = new Rig();

/** The default one lets all keys of a process have ten retries a second, which is too few for random workloads. */
const rateLimiter = (): RateLimiter<string> =>
  new ItemExponentialFailureRateLimiter({ baseDelayMs: 5, maxDelayMs: 1_000_000 });

queueContract({
  name: 'a shared queue',
  describe,
  test,
  open: async () => {
    rig = new Rig();
    const engine = await rig.open({ rateLimiter: rateLimiter() });
    // Before anybody consumes, the broker counts messages, not keys.
    await rig.join(engine);
    return new Handle(engine);
  },
  openAnother: async () => {
    const engine = await rig.open({ rateLimiter: rateLimiter() });
    await rig.join(engine);
    return new Handle(engine);
  },
  close: ({ engine }) => engine.close(),
  time: { advance: (ms) => rig.clock.stepAsync(ms) },
  abilities: {
    ordersItems: false,
    priorities: true,
    countsAtOnce: false,
    mergesDelays: false,
    handsOutAfterShutdown: false,
    keepsAfterShutdown: true,
  },
});
