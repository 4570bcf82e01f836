import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { ItemExponentialFailureRateLimiter } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { DelayingQueue, PriorityQueue, RateLimitingQueue, WorkQueue } from '@kubeloop/workqueue';
import { RecordingMetrics } from './recording-metrics.ts';

// Each queue does what a naive model of it does, step by step. A failure prints the seed and the shortest steps.

const item = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add'), item }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('addAfter'),
      item,
      ms: fc.integer({ min: -1, max: 9 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('get') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('done'), item }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.integer({ min: 0, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shutDown') }) },
);
const steps = fc.array(
  step.chain((base) =>
    fc.integer({ min: -2, max: 2 }).map((priority) => ({ item: 'a', ms: 0, ...base, priority })),
  ),
  { maxLength: 60 },
);
const limitedSteps = fc.array(
  fc.record({
    kind: fc.constantFrom('add', 'addRateLimited', 'forget', 'get', 'done', 'pass', 'shutDown'),
    item,
    ms: fc.integer({ min: 0, max: 5 }),
    priority: fc.constant(0),
  }),
  { maxLength: 60 },
);
type Step = { kind: string; item: string; ms: number; priority: number };

/** client-go's queue, with arrays and sets. */
class NaiveQueue {
  queue: string[] = [];
  dirty = new Set<string>();
  processing = new Set<string>();
  waiting: { item: string; atMs: number; order: number }[] = [];
  failures = new Map<string, number>();
  isShutDown = false;
  nowMs = 0;
  order = 0;

  add(key: string): void {
    if (this.isShutDown || this.dirty.has(key)) return;
    this.dirty.add(key);
    if (!this.processing.has(key)) this.queue.push(key);
  }

  addAfter(key: string, ms: number): void {
    if (this.isShutDown) return;
    if (ms <= 0) return this.add(key);
    const atMs = this.nowMs + ms;
    const known = this.waiting.find((entry) => entry.item === key);
    if (known && known.atMs <= atMs) return;
    this.waiting = this.waiting.filter((entry) => entry !== known);
    this.waiting.push({ item: key, atMs, order: this.order++ });
  }

  addRateLimited(key: string): void {
    if (this.isShutDown) return;
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.addAfter(key, Math.min(2 ** failures, 8));
  }

  forget(key: string): void {
    this.failures.delete(key);
  }

  get(): string | undefined {
    const key = this.queue.shift();
    if (key === undefined) return undefined;
    this.dirty.delete(key);
    this.processing.add(key);
    return key;
  }

  done(key: string): void {
    if (this.processing.delete(key) && this.dirty.has(key)) this.queue.push(key);
  }

  pass(ms: number): void {
    this.nowMs += ms;
    const due = this.waiting.filter((entry) => entry.atMs <= this.nowMs);
    this.waiting = this.waiting.filter((entry) => entry.atMs > this.nowMs);
    for (const entry of due.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order))
      this.add(entry.item);
  }

  shutDown(): void {
    this.isShutDown = true;
    this.waiting = [];
  }
}

/** The next item, or `undefined` when a get would wait or says shut down. */
async function takeNow<T>(queue: WorkQueue<T> | PriorityQueue<T>): Promise<T | undefined> {
  const controller = new AbortController();
  const getting = queue.get({ signal: controller.signal });
  controller.abort();
  return getting.then(
    (result) => result.item,
    () => undefined,
  );
}

/** Does one step with the model and the queue, and returns what each of them handed out, if anything. */
async function stepBoth(
  { model, queue, clock }: { model: NaiveQueue; queue: WorkQueue<string>; clock: FakeClock },
  { kind, item: key, ms }: Step,
): Promise<{ expected?: string | undefined; actual?: string | undefined }> {
  if (kind === 'get') return { expected: model.get(), actual: await takeNow(queue) };
  if (kind === 'done') {
    model.done(key);
    queue.done(key);
  } else if (kind === 'pass') {
    model.pass(ms);
    clock.step(ms);
  } else if (kind === 'shutDown') {
    model.shutDown();
    queue.shutDown();
  } else if (kind === 'addAfter' && queue instanceof DelayingQueue) {
    model.addAfter(key, ms);
    queue.addAfter(key, ms);
  } else if (kind === 'addRateLimited' && queue instanceof RateLimitingQueue) {
    model.addRateLimited(key);
    queue.addRateLimited(key);
    expect(queue.numRequeues(key)).toBe(model.failures.get(key) ?? 0);
  } else if (kind === 'forget' && queue instanceof RateLimitingQueue) {
    model.forget(key);
    queue.forget(key);
    expect(queue.numRequeues(key)).toBe(0);
  } else {
    model.add(key);
    queue.add(key);
  }
  return {};
}

async function runNaive(
  queue: WorkQueue<string>,
  clock: FakeClock,
  all: readonly Step[],
): Promise<NaiveQueue> {
  const model = new NaiveQueue();
  for (const one of all) {
    const { expected, actual } = await stepBoth({ model, queue, clock }, one);
    expect(actual).toBe(expected);
    const described = queue.describe();
    expect(described.queued).toEqual(model.queue);
    expect(new Set(described.processing)).toEqual(model.processing);
    expect(described.waiting.map((entry) => [entry.item, entry.readyInMs + clock.now()])).toEqual(
      model.waiting
        .toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)
        .map((entry) => [entry.item, entry.atMs]),
    );
    expect([queue.length, clock.pending]).toEqual([
      model.queue.length,
      model.waiting.length > 0 ? 1 : 0,
    ]);
  }
  return model;
}

test('a work queue does what its model does', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const clock = new FakeClock();
      const queue = new WorkQueue<string>({ clock });
      const model = await runNaive(queue, clock, all);
      expect(queue.shuttingDown).toBe(model.isShutDown);
    }),
  );
});

test('a rate limiting queue does what its model does', async () => {
  await fc.assert(
    fc.asyncProperty(limitedSteps, async (all) => {
      const clock = new FakeClock();
      const rateLimiter = new ItemExponentialFailureRateLimiter<string>({
        baseDelayMs: 1,
        maxDelayMs: 8,
      });
      const queue = new RateLimitingQueue<string>({ clock, rateLimiter });
      const model = await runNaive(queue, clock, all);
      expect(queue.shuttingDown).toBe(model.isShutDown);
    }),
  );
});

test('a delaying queue does what its model does', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const clock = new FakeClock();
      const queue = new DelayingQueue<string>({ clock });
      const model = await runNaive(queue, clock, all);
      expect(queue.shuttingDown).toBe(model.isShutDown);
    }),
  );
});

interface NaiveEntry {
  item: string;
  priority: number;
  order: number;
  atMs: number | undefined;
}

/** The priority queue without ageing, with one array. */
class NaivePriorityQueue {
  entries: NaiveEntry[] = [];
  processing = new Set<string>();
  isShutDown = false;
  nowMs = 0;
  order = 0;

  add(key: string, priority: number, ms: number): void {
    if (this.isShutDown) return;
    const atMs = ms > 0 ? this.nowMs + ms : undefined;
    const known = this.entries.find((entry) => entry.item === key);
    if (!known) {
      this.entries.push({ item: key, priority, order: this.order++, atMs });
      return;
    }
    const wasWaiting = known.atMs !== undefined;
    if (known.atMs !== undefined)
      known.atMs = atMs === undefined ? undefined : Math.min(atMs, known.atMs);
    const isRaised = priority > known.priority;
    known.priority = Math.max(known.priority, priority);
    if (isRaised || (wasWaiting && known.atMs === undefined)) known.order = this.order++;
  }

  get ready(): NaiveEntry[] {
    return this.entries
      .filter((entry) => entry.atMs === undefined)
      .toSorted((a, b) => b.priority - a.priority || a.order - b.order);
  }

  get(): string | undefined {
    const entry = this.ready.find((candidate) => !this.processing.has(candidate.item));
    if (!entry) return undefined;
    this.entries = this.entries.filter((other) => other !== entry);
    this.processing.add(entry.item);
    return entry.item;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    const due = this.entries.filter(
      (entry) => entry.atMs !== undefined && entry.atMs <= this.nowMs,
    );
    for (const entry of due.toSorted(
      (a, b) => (a.atMs ?? 0) - (b.atMs ?? 0) || a.order - b.order,
    )) {
      entry.atMs = undefined;
      entry.order = this.order++;
    }
  }

  shutDown(): void {
    this.isShutDown = true;
    this.entries = this.entries.filter((entry) => entry.atMs === undefined);
  }
}

/** How many items are ready at each priority. */
function depthsOf(entries: readonly NaiveEntry[]): Record<number, number> {
  const depths: Record<number, number> = {};
  for (const { priority } of entries) depths[priority] = (depths[priority] ?? 0) + 1;
  return depths;
}

/** Does one step with the model and the queue, and returns what each of them handed out, if anything. */
async function stepBothPriorities(
  subject: { model: NaivePriorityQueue; queue: PriorityQueue<string>; clock: FakeClock },
  { kind, item: key, ms, priority }: Step,
): Promise<{ expected?: string | undefined; actual?: string | undefined }> {
  const { model, queue, clock } = subject;
  // Delays that end at the same moment would leave the order open: each item has its own fraction of a millisecond.
  const delayMs = ms <= 0 ? ms : ms - key.charCodeAt(0) / 1024;
  if (kind === 'get') return { expected: model.get(), actual: await takeNow(queue) };
  if (kind === 'done') {
    model.processing.delete(key);
    queue.done(key);
  } else if (kind === 'pass') {
    model.pass(ms);
    clock.step(ms);
  } else if (kind === 'shutDown') {
    model.shutDown();
    queue.shutDown();
  } else if (kind === 'addAfter') {
    model.add(key, priority, delayMs);
    queue.addAfter(key, delayMs, { priority });
  } else {
    model.add(key, priority, 0);
    queue.add(key, { priority });
  }
  return {};
}

test('a priority queue does what its model does, and its metrics stay exact', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const clock = new FakeClock();
      const metrics = new RecordingMetrics();
      const queue = new PriorityQueue<string>({ clock, metrics, name: 'model', ageingMs: 0 });
      const model = new NaivePriorityQueue();
      for (const one of all) {
        const { expected, actual } = await stepBothPriorities({ model, queue, clock }, one);
        expect(actual).toBe(expected);
        const described = queue.describe();
        expect(described.queued).toEqual(model.ready.map((entry) => entry.item));
        expect(new Set(described.processing)).toEqual(model.processing);
        expect(described.counts.waiting).toBe(model.entries.length - model.ready.length);
        const depths = Object.fromEntries([...metrics.depths].filter(([, depth]) => depth !== 0));
        expect(depths).toEqual(depthsOf(model.ready));
        expect(metrics.leastDepth).toBe(0);
      }
    }),
  );
});

test('with workers at random, priorities hold, no item is lost and none is with two workers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.tuple(item, fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 30 }),
      async (scheduler, additions) => {
        const queue = new PriorityQueue<string>({ clock: new FakeClock() });
        const running = new Set<string>();
        const lastAdded = new Map<string, number>();
        const lastBegun = new Map<string, number>();
        let moment = 0;
        const worker = async (): Promise<void> => {
          for await (const key of queue) {
            expect(running.has(key)).toBe(false);
            running.add(key);
            lastBegun.set(key, moment++);
            await scheduler.schedule(Promise.resolve());
            running.delete(key);
            queue.done(key);
          }
        };
        const workers = [worker(), worker(), worker()];
        scheduler.scheduleSequence(
          additions.map(([key, priority]) => async () => {
            lastAdded.set(key, moment++);
            queue.add(key, { priority });
          }),
        );
        await scheduler.waitIdle();
        queue.shutDown();
        await Promise.all(workers);

        for (const [key, added] of lastAdded) expect(lastBegun.get(key)).toBeGreaterThan(added);
        expect(queue.describe().counts).toEqual({ queued: 0, processing: 0, waiting: 0 });
      },
    ),
  );
});
