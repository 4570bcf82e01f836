import type { AddOptions, Queue } from '@kubeloop/workqueue';
import type { Abilities } from './abilities.ts';

/** What is tested: a queue of strings. One without delays or retries lacks their methods, and says so in its {@link Abilities}. */
export interface TestedQueue
  extends
    Pick<Queue<string>, 'get' | 'done' | 'length' | 'shuttingDown' | 'shutDown'>,
    Pick<Queue<string>, 'shutDownWithDrain' | typeof Symbol.asyncIterator>,
    Partial<Pick<Queue<string>, 'addAfter' | 'addRateLimited' | 'forget' | 'numRequeues'>> {
  /** See `Queue.add`. */
  add(item: string, options?: AddOptions): void | Promise<void>;
}

/** The functions of a test runner. Those of vitest and of `node:test` fit, and so do yours. */
export interface TestRunner {
  /** Makes a group of tests. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** Makes a test, which fails when the promise rejects. Time limits of the runner are up to you: see {@link RealTime.limitMs}. */
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

/** Time that stands still until the suite moves it. No test sleeps. */
export interface FakeTime {
  /** Moves the time of the queue by so many milliseconds, such as `FakeClock.stepAsync`. One clock for all tests will do. */
  readonly advance: (ms: number) => unknown;
}

/** Time that passes by itself, for engines outside this process. */
export interface RealTime {
  /** How late a delayed item may come, in milliseconds. Be generous: a busy machine must not fail a test. */
  readonly slackMs: number;
  /**
   * After how many milliseconds without disturbance the engine has taken in all that was added, and what has not happened is taken not to
   * happen; default 100. Too little does not fail what is right, except where additions are counted; it lets wrong things pass.
   */
  readonly settleMs?: number | undefined;
  /** How long to wait for what must happen, in milliseconds; default 10,000. Give the runner's tests a longer limit, a few times this. */
  readonly limitMs?: number | undefined;
}

/** Options of {@link queueContract}. */
export interface QueueContractOptions<Q extends TestedQueue> extends TestRunner {
  /** What to call the engine in the names of the groups; default: none. */
  readonly name?: string | undefined;
  /** Makes an empty queue that no other test knows. */
  readonly open: () => Q | Promise<Q>;
  /** Gives a second handle to the same queue, as another process would have it. Without it nothing is tested between handles. */
  readonly openAnother?: ((queue: Q) => Q | Promise<Q>) | undefined;
  /** Cleans up after a test: called once for each handle, after its `shutDown`. */
  readonly close?: ((queue: Q) => unknown) | undefined;
  /** How time passes for the queue. */
  readonly time: FakeTime | RealTime;
  /** What the engine can do; default: what the queues of `@kubeloop/workqueue` can. */
  readonly abilities?: Abilities | undefined;
  /**
   * The unit of the delays in tests, in milliseconds; default 1000 on fake time, 200 on real time. In all, the tests take about thirty of them.
   * An engine that treats short and long delays differently is tested with both.
   */
  readonly delayMs?: number | undefined;
  /** The delay that the rate limiter of the queue gives the first failure of an item, in milliseconds; default 5. The next two may be twice and four times as long. */
  readonly retryDelayMs?: number | undefined;
  /** Repeats the random workloads of a run that failed; default: another one in each run. A failure tells its seed. */
  readonly seed?: number | undefined;
}
