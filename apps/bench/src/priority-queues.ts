import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { PriorityQueue } from '@kubeloop/workqueue';
import { type Benchmark, type Limits, makeKeys, nowNs, sampleRounds } from './benchmark.ts';
import { cpuNs } from './cpu-time.ts';

const keyCount = 1000;

const addGetDone: Benchmark = {
  id: 'priority/add-get-done',
  lines: [
    {
      title: 'priority queue: add 1000 keys, then get and done each',
      per: 'key',
      statistic: 'median',
    },
  ],
  sample(limits) {
    const keys = makeKeys(keyCount);
    const queue = new PriorityQueue<string>();
    return sampleRounds(limits, keyCount, async () => {
      const started = cpuNs();
      for (const key of keys) queue.add(key);
      for (let taken = 0; taken < keyCount; taken += 1) {
        const { item } = await queue.get();
        if (item !== undefined) queue.done(item);
      }
      return cpuNs() - started;
    });
  },
};

const add: Benchmark = {
  id: 'priority/add',
  lines: [{ title: 'priority queue: add 1000 new keys', per: 'key', statistic: 'median' }],
  sample(limits) {
    const keys = makeKeys(keyCount);
    return sampleRounds(limits, keyCount, () => addAll(new PriorityQueue<string>(), keys));
  },
};

const addAgain: Benchmark = {
  id: 'priority/add-again',
  lines: [
    { title: 'priority queue: add 1000 keys that are queued', per: 'key', statistic: 'median' },
  ],
  sample(limits) {
    const keys = makeKeys(keyCount);
    const queue = new PriorityQueue<string>();
    addAll(queue, keys);
    return sampleRounds(limits, keyCount, () => addAll(queue, keys));
  },
};

const addToWaitingGetters: Benchmark = {
  id: 'priority/add-to-waiting-getters',
  lines: [
    {
      title: 'priority queue: add 1000 keys while 10 workers wait, until all are done',
      per: 'key',
      statistic: 'median',
    },
  ],
  async sample(limits) {
    const keys = makeKeys(keyCount);
    const queue = new PriorityQueue<string>();
    let open = 0;
    let finish = (): void => {};
    const hold = (): void => {
      open -= 1;
      if (open === 0) finish();
    };
    const workers = Array.from({ length: 10 }, () => work(queue, hold));
    const samples = await sampleRounds(limits, keyCount, async () => {
      const allDone = new Promise<void>((resolve) => (finish = resolve));
      open = keyCount;
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

const large: Benchmark = {
  id: 'priority/add-get-done-1m',
  lines: [
    {
      title: 'priority queue: add 10,000 keys beside 1M queued ones, then get and done as many',
      per: 'key',
      statistic: 'median',
    },
  ],
  sample(limits) {
    const queued = limits.quick ? 100_000 : 1_000_000;
    const keys = makeKeys(queued + 10_000);
    const queue = new PriorityQueue<string>();
    for (const key of keys.slice(0, queued)) queue.add(key);
    let next = queued;
    return sampleRounds(limits, 10_000, async () => {
      const started = cpuNs();
      // Those that were taken out before go in again.
      for (let i = 0; i < 10_000; i += 1, next += 1) queue.add(keys[next % keys.length] ?? '');
      if (queue.length !== keys.length) throw new Error('Keys were lost');
      for (let taken = 0; taken < 10_000; taken += 1) {
        const { item } = await queue.get();
        if (item !== undefined) queue.done(item);
      }
      return cpuNs() - started;
    });
  },
};

const addLatency: Benchmark = {
  id: 'priority/add-latency',
  lines: (['median', 'p99', 'max'] as const).map((statistic) => ({
    title: `priority queue: one add beside 1M queued keys and 1000 busy workers, ${statistic}`,
    per: 'add',
    statistic,
  })),
  sample: sampleLatency,
};

async function sampleLatency(limits: Limits): Promise<readonly number[]> {
  const queued = limits.quick ? 100_000 : 1_000_000;
  const keys = makeKeys(queued + (limits.quick ? 2000 : 20_000));
  const queue = new PriorityQueue<string>();
  for (const key of keys.slice(0, queued)) queue.add(key);
  let isOver = false;
  const workers = Array.from({ length: 1000 }, () =>
    work(queue, () => (isOver ? undefined : sleep(1))),
  );
  const samples: number[] = [];
  for (const [i, key] of keys.slice(queued).entries()) {
    if (i % 10 === 0) await turn();
    const started = nowNs();
    queue.add(key);
    samples.push(nowNs() - started);
  }
  isOver = true;
  queue.shutDown();
  await Promise.all(workers);
  return samples;
}

function addAll(queue: PriorityQueue<string>, keys: readonly string[]): number {
  const started = cpuNs();
  for (const key of keys) queue.add(key);
  if (queue.length !== keys.length) throw new Error('Keys were lost');
  return cpuNs() - started;
}

/** Takes keys until shutdown and waits for `hold` before each is done. */
async function work(queue: PriorityQueue<string>, hold: () => void | Promise<void>): Promise<void> {
  for await (const key of queue) {
    const held = hold();
    if (held) await held;
    queue.done(key);
  }
}

export const priorityQueueBenchmarks: readonly Benchmark[] = [
  addGetDone,
  add,
  addAgain,
  addToWaitingGetters,
  large,
  addLatency,
];
