import { setTimeout as sleep } from 'node:timers/promises';

import { seededRandom } from '@kubeloop/chaos/random';

import { answerQuestions, tellReady } from '../rig/ask.ts';
import { Journal } from '../rig/journal.ts';
import { messageOf } from '../rig/message-of.ts';
import { GuardedObject } from './guarded-object.ts';
import { openQueue } from './open-queue.ts';
import { usage } from './usage.ts';
import type { WorkerConfig } from './worker-config.ts';

// A worker of the rig: takes keys and writes down when each run starts and ends.

// The parent wrote it from a value of this type.
const config = JSON.parse(process.argv[2] ?? '{}') as WorkerConfig;
const journal = new Journal(config.journal);
const random = seededRandom(config.seed);
const queue = await openQueue(config.queue);
const released = Promise.withResolvers<void>();
if (config.holds !== true) released.resolve();

answerQuestions({
  describe: () => queue.describe(),
  inspect: async () => queue.inspect?.(),
  release: () => released.resolve(),
  usage,
});
process.on('SIGTERM', () => {
  journal.write('T', '-');
  void queue.shutDownWithDrain().then(() => process.exit(0));
});
const loops = Array.from({ length: config.concurrency ?? 8 }, work);
tellReady();
await Promise.all(loops);

async function work(): Promise<void> {
  for (;;) {
    const result = await queue.get();
    if (result.shutdown) return;
    await run(result.item, result.signal);
  }
}

async function run(key: string, signal: AbortSignal | undefined): Promise<void> {
  journal.write('S', key, { extra: queue.numRequeues(key) });
  const onAbort = (): void => journal.write('A', key);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await reconcile(key, config.onAbort === 'end' ? signal : undefined);
    journal.write('E', key);
    void queue.forget(key);
  } catch (error) {
    console.log(`${key}: ${messageOf(error)}`);
    journal.write('F', key);
    await queue.addRateLimited(key);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await queue.done(key);
  }
}

async function reconcile(key: string, signal: AbortSignal | undefined): Promise<void> {
  const { runMs: [least, most] = [0, 0], hanging, failing, objects } = config;
  const object = objects === undefined ? undefined : await GuardedObject.read(objects, key);
  const hangs = hanging !== undefined && key.startsWith(hanging.prefix);
  const runMs = hangs ? hanging.runMs : random.integer(least, most);
  if (runMs > 0) await sleep(runMs, undefined, signal === undefined ? {} : { signal });
  await released.promise;
  if (failing !== undefined && key.startsWith(failing)) throw new Error('This key always fails');
  if (object !== undefined) journal.write((await object.write()) ? 'W' : 'V', key);
}
