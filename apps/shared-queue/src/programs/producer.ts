import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';

import { seededRandom } from '@kubeloop/chaos/random';

import { answerQuestions, tellReady } from '../rig/ask.ts';
import { Journal } from '../rig/journal.ts';
import { messageOf } from '../rig/message-of.ts';
import { monotonicMs } from '../rig/monotonic.ts';
import type { ProducerConfig, Progress } from './producer-config.ts';
import { openQueue } from './open-queue.ts';
import { usage } from './usage.ts';

// A producer of the rig: adds keys and writes each down when the broker has confirmed it.

// The parent wrote it from a value of this type.
const config = JSON.parse(process.argv[2] ?? '{}') as ProducerConfig;
const journal = new Journal(config.journal);
const random = seededRandom(config.seed);
const queue = await openQueue(config.queue);
const count = { sent: 0, confirmed: 0, refused: 0 };
const under = new Set<Promise<void>>();
let lastConfirmMs = 0;
const finishing = new AbortController();

answerQuestions({ progress, finish, usage, describe: () => queue.describe() });
tellReady();
const adding = config.ratePerS === undefined ? addAllOnce() : addAtRate(config.ratePerS);
await adding;

function progress(): Progress {
  return { ...count, lastConfirmMs, outbox: queue.describe().outbox };
}

/** Ends a steady stream, waits for everything sent, and closes the queue. */
async function finish(): Promise<Progress> {
  finishing.abort();
  await adding;
  await Promise.all(under);
  await queue.flushed();
  const last = progress();
  await queue.shutDownWithDrain();
  return last;
}

async function addAllOnce(): Promise<void> {
  const { againWithinMs, keys } = config;
  const { prefix, count: total } = keys;
  const order = random.shuffled(Array.from({ length: total }, (_, index) => `${prefix}${index}`));
  for (const [index, key] of order.entries()) {
    track(add(key));
    if (againWithinMs !== undefined) track(addLater(key, (againWithinMs * index) / total));
    if (index % 500 === 499) await breathe();
  }
}

async function addAtRate(ratePerS: number): Promise<void> {
  const { prefix, count: total } = config.keys;
  const start = monotonicMs();
  for (let sent = 0; !finishing.signal.aborted; await sleep(10)) {
    const due = ((monotonicMs() - start) / 1000) * ratePerS;
    for (; sent < due; sent += 1) track(add(`${prefix}${random.integer(0, total - 1)}`));
  }
}

async function addLater(key: string, afterMs: number): Promise<void> {
  await sleep(afterMs);
  await add(key);
}

function track(adding: Promise<void>): void {
  under.add(adding);
  void adding.then(() => under.delete(adding));
}

async function add(key: string): Promise<void> {
  const atMs = monotonicMs();
  const { afterMs } = config;
  const delayMs = afterMs?.[count.sent % afterMs.length];
  count.sent += 1;
  try {
    await (delayMs === undefined ? queue.add(key) : queue.addAfter(key, delayMs));
    lastConfirmMs = monotonicMs();
    journal.write('C', key, { atMs, extra: lastConfirmMs });
    count.confirmed += 1;
  } catch (error) {
    journal.write('X', key, { atMs });
    count.refused += 1;
    console.log(`${key}: ${messageOf(error)}`);
  }
}
