import { setTimeout as sleep } from 'node:timers/promises';

import { answerQuestions, tellReady } from '../rig/ask.ts';
import { Journal } from '../rig/journal.ts';
import { seededRandom } from '../rig/random.ts';
import { GuardedObject } from './guarded-object.ts';
import { openQueue } from './queue-config.ts';
import { usage } from './usage.ts';
import type { WorkerConfig } from './worker-config.ts';

// A worker of the rig: takes keys and writes down when each run starts and ends.

// The parent wrote it from a value of this type.
const config = JSON.parse(process.argv[2] ?? '{}') as WorkerConfig;
const journal = new Journal(config.journal);
const random = seededRandom(config.seed);
const queue = await openQueue(config.queue);

answerQuestions({
  describe: () => queue.describe(),
  inspect: async () => queue.inspect?.(),
  usage,
});
process.on('SIGTERM', () => {
  journal.write('T', '-');
  void queue.shutDownWithDrain().then(() => process.exit(0));
});
const isPulling = config.pullsFirst ?? false;
const pulled = Promise.withResolvers<void>();
if (!isPulling) pulled.resolve();
const first = work();
tellReady();
if (isPulling) await pull();
pulled.resolve();
const others = Array.from({ length: (config.concurrency ?? 8) - 1 }, work);
await Promise.all([first, ...others]);

/** Waits until the broker has nothing more to deliver, and what it delivered has arrived. */
async function pull(): Promise<void> {
  for (let before = -1; ; await sleep(1000)) {
    const waiting = (await queue.inspect?.())?.partitions.reduce(
      (sum, each) => sum + each.messages,
      0,
    );
    const windowFill = queue.describe().partitions?.reduce((sum, each) => sum + each.windowFill, 0);
    console.log(`${waiting} messages wait at the broker, ${windowFill} are here`);
    if (waiting === 0 && windowFill === before && windowFill > 0) break;
    before = windowFill ?? 0;
  }
}

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
    queue.forget(key);
  } catch (error) {
    console.log(`${key}: ${error instanceof Error ? error.message : String(error)}`);
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
  await pulled.promise;
  if (runMs > 0) await sleep(runMs, undefined, signal === undefined ? {} : { signal });
  if (failing !== undefined && key.startsWith(failing)) throw new Error('This key always fails');
  if (object !== undefined) journal.write((await object.write()) ? 'W' : 'V', key);
}
