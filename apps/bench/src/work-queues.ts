import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { DelayingQueue, parallelizeUntil, WorkQueue } from '@kubeloop/workqueue';
import { type Benchmark, makeKeys, nowNs, sampleRounds } from './benchmark.ts';
import { cpuNs } from './cpu-time.ts';

const tenMinutesMs = 600_000;

const addGetDone: Benchmark = {
  id: 'queue/add-get-done',
  lines: [
    {
      title: 'work queue: add 100 keys, then get and done each',
      per: 'key',
      statistic: 'median',
    },
  ],
  sample(limits) {
    const keys = makeKeys(100);
    return sampleRounds(limits, 100 * keys.length, async () => {
      const started = cpuNs();
      for (let i = 0; i < 100; i += 1) {
        const queue = new WorkQueue<string>();
        for (const key of keys) queue.add(key);
        for (let taken = 0; taken < keys.length; taken += 1) await takeAndFinish(queue);
        queue.shutDown();
      }
      return cpuNs() - started;
    });
  },
};

const addAfterAndDrain: Benchmark = {
  id: 'delaying/add-after-and-drain',
  lines: [
    {
      title: 'delaying queue: delay 1M keys at random, pass the time, get all',
      per: 'key',
      statistic: 'median',
    },
  ],
  sample(limits) {
    const keys = makeKeys(limits.quick ? 100_000 : 1_000_000);
    const delays = keys.map(() => Math.random() * tenMinutesMs);
    return sampleRounds(limits, keys.length, async () => {
      const clock = new FakeClock();
      const queue = new DelayingQueue<string>({ clock });
      const started = cpuNs();
      for (const [i, key] of keys.entries()) queue.addAfter(key, delays[i] ?? 0);
      clock.step(tenMinutesMs * 1.1);
      for (let taken = 0; taken < keys.length; taken += 1) await queue.get();
      const took = cpuNs() - started;
      queue.shutDown();
      return took;
    });
  },
};

const eightWorkers: Benchmark = {
  id: 'queue/eight-workers',
  lines: [
    {
      title: 'work queue: add 10,000 keys while 8 workers wait, until all are done',
      per: 'key',
      statistic: 'median',
    },
  ],
  async sample(limits) {
    const keys = makeKeys(10_000);
    const queue = new WorkQueue<string>();
    let open = 0;
    let finish = (): void => {};
    const workers = Array.from({ length: 8 }, async () => {
      for await (const key of queue) {
        queue.done(key);
        open -= 1;
        if (open === 0) finish();
      }
    });
    const samples = await sampleRounds(limits, keys.length, async () => {
      const allDone = new Promise<void>((resolve) => (finish = resolve));
      open = keys.length;
      const started = cpuNs();
      for (const key of keys) queue.add(key);
      await allDone;
      return cpuNs() - started;
    });
    queue.shutDown();
    await Promise.all(workers);
    return samples;
  },
};

const growth = Object.entries({ '1k': 1000, '10k': 10_000, '100k': 100_000, '300k': 300_000 }).map(
  ([name, count]): Benchmark => ({
    id: `growth/queue-${name}`,
    lines: [
      {
        title: `growth: add ${name} keys to a work queue, then get and done each`,
        per: 'key',
        statistic: 'median',
      },
    ],
    async sample(limits) {
      if (limits.quick && count > 100_000) return undefined;
      const keys = makeKeys(count);
      const repeat = Math.max(1, 10_000 / count);
      return sampleRounds(limits, count * repeat, async () => {
        const started = cpuNs();
        for (let i = 0; i < repeat; i += 1) {
          const queue = new WorkQueue<string>();
          for (const key of keys) queue.add(key);
          for (let taken = 0; taken < count; taken += 1) await takeAndFinish(queue);
          queue.shutDown();
        }
        return cpuNs() - started;
      });
    },
  }),
);

const pieces = 1000;

const parallelize = [1, 10, 100].map((chunkSize): Benchmark => ({
  id: `parallelize/chunk-${chunkSize}`,
  lines: [
    {
      title: `parallelizeUntil: 1000 empty pieces, 10 workers, chunks of ${chunkSize}`,
      per: 'piece',
      statistic: 'median',
    },
  ],
  sample: (limits) =>
    sampleRounds(limits, 10 * pieces, async () => {
      const visits = Array.from({ length: pieces }, () => 0);
      const started = nowNs();
      for (let i = 0; i < 10; i += 1) {
        await parallelizeUntil({ workers: 10, pieces, chunkSize }, (piece) => {
          visits[piece] = (visits[piece] ?? 0) + 1;
        });
      }
      return nowNs() - started;
    }),
}));

async function takeAndFinish(queue: WorkQueue<string>): Promise<void> {
  const { item } = await queue.get();
  if (item === undefined) throw new Error('The queue is shut down, an item was expected');
  queue.done(item);
}

export const workQueueBenchmarks: readonly Benchmark[] = [
  addGetDone,
  eightWorkers,
  addAfterAndDrain,
  ...parallelize,
  ...growth,
];
