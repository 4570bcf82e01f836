import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { DelayingQueue, parallelizeUntil, WorkQueue } from '@kubeloop/workqueue';
import { type Benchmark, makeKeys, nowNs, sampleRounds } from './benchmark.ts';

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
      const started = nowNs();
      for (let i = 0; i < 100; i += 1) {
        const queue = new WorkQueue<string>();
        for (const key of keys) queue.add(key);
        for (let taken = 0; taken < keys.length; taken += 1) await takeAndFinish(queue);
        queue.shutDown();
      }
      return nowNs() - started;
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
      const started = nowNs();
      for (const [i, key] of keys.entries()) queue.addAfter(key, delays[i] ?? 0);
      clock.step(tenMinutesMs * 1.1);
      for (let taken = 0; taken < keys.length; taken += 1) await queue.get();
      const took = nowNs() - started;
      queue.shutDown();
      return took;
    });
  },
};

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
  addAfterAndDrain,
  ...parallelize,
];
