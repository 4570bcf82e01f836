import { PriorityQueue } from '@kubeloop/workqueue';
import type { GetOptions, PrioritizedGetResult } from '@kubeloop/workqueue';
import { describe, expect, test } from 'vitest';
import type { Reconciler } from '../src/request.ts';
import { TerminalError } from '../src/terminal-error.ts';
import { request, runController } from './support/controller-rig.ts';

/** A queue that several processes share: it can take back what it has handed out. */
class SharedQueue extends PriorityQueue<string> {
  readonly calls: string[] = [];
  /** Taken back before it is handed out. */
  isLost = false;
  /** Whether it does not take keys. */
  isBroken = false;
  #taken = new AbortController();

  override async get(options?: GetOptions): Promise<PrioritizedGetResult<string>> {
    const got = await super.get(options);
    this.#taken = new AbortController();
    if (this.isLost) this.takeBack();
    return { ...got, signal: this.#taken.signal };
  }

  takeBack(reason: unknown = new Error('lease lost')): void {
    this.#taken.abort(reason);
  }

  override add(item: string): void {
    this.calls.push('add');
    super.add(item);
  }

  override addAfter(item: string, delayMs: number): void {
    this.calls.push('addAfter');
    if (this.isBroken) throw new Error('gone');
    super.addAfter(item, delayMs);
  }

  override addRateLimited(item: string): void {
    this.calls.push('addRateLimited');
    super.addRateLimited(item);
  }

  override forget(item: string): void {
    this.calls.push('forget');
    super.forget(item);
  }

  override done(item: string): void {
    this.calls.push('done');
    super.done(item);
  }
}

async function run(
  reconcile: (context: Parameters<Reconciler>[1], queue: SharedQueue) => ReturnType<Reconciler>,
  options: Parameters<typeof runController>[1] = {},
): Promise<Awaited<ReturnType<typeof runController>> & { readonly queue: SharedQueue }> {
  const queue = new SharedQueue({ name: 'shared' });
  const rig = await runController((_request, context) => reconcile(context, queue), {
    newQueue: () => queue,
    ...options,
  });
  await rig.controller.enqueue(request('a'));
  queue.calls.length = 0;
  await rig.clock.settle();
  return { ...rig, queue };
}

const untilAborted = ({ signal }: { readonly signal: AbortSignal }): Promise<never> =>
  new Promise((_resolve, reject) => {
    // The reason is an error in these tests.
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

describe('a request that the queue takes back', () => {
  test('aborts the signal of its reconcile with the reason of the queue', async () => {
    const reason = new Error('lease lost');
    const seen: unknown[] = [];
    const { queue, clock, end } = await run(async (context) => {
      await untilAborted(context).catch((error: unknown) => seen.push(error));
    });

    queue.takeBack(reason);
    await clock.settle();

    expect(seen).toEqual([reason]);
    expect(seen[0]).toBe(reason);
    await end();
  });

  test.each([
    ['fails with the reason', untilAborted],
    [
      'fails with something else',
      async (context: { readonly signal: AbortSignal }) => {
        await untilAborted(context).catch(() => undefined);
        throw new TerminalError('stopped halfway');
      },
    ],
    [
      'ends well all the same',
      async (context: { readonly signal: AbortSignal }) => {
        await untilAborted(context).catch(() => undefined);
        return { requeueAfterMs: 1000 };
      },
    ],
  ])('is done and put back by nobody when its reconcile %s', async (_how, reconcile) => {
    const { queue, clock, controller, log, end } = await run(reconcile);

    queue.takeBack();
    await clock.stepAsync(10_000);

    expect(queue.calls).toEqual(['done']);
    expect(controller.counters).toMatchObject({
      takenBack: 1,
      terminalErrors: 0,
      reconciles: { success: 0, error: 0, requeue: 0, requeue_after: 0 },
    });
    expect(log.messages('error')).toEqual([]);
    expect(log.messages('info')).toContainEqual(
      expect.stringContaining('A reconcile was taken back by the queue'),
    );
    await end();
  });

  test('is not reconciled when it was taken back before', async () => {
    let runs = 0;
    const told: string[] = [];
    const queue = new SharedQueue({ name: 'shared' });
    queue.isLost = true;
    const { controller, clock, end } = await runController(() => void (runs += 1), {
      newQueue: () => queue,
      metrics: {
        forController: () => ({
          reconciled: () => void told.push('reconciled'),
          reconcileTakenBack: () => void told.push('taken back'),
        }),
      },
    });
    await controller.enqueue(request('a'));
    await clock.settle();

    expect([runs, queue.calls, told]).toEqual([0, ['add', 'done'], ['taken back']]);
    await end();
  });

  test('does not wait for caches any longer', async () => {
    let runs = 0;
    const wait = ({ signal }: { readonly signal: AbortSignal }): Promise<void> =>
      untilAborted({ signal });
    const { queue, clock, controller, end } = await run(() => void (runs += 1), {
      barrier: { wait },
    });

    queue.takeBack();
    await clock.settle();

    expect([runs, queue.calls, controller.counters.takenBack]).toEqual([0, ['done'], 1]);
    await end();
  });

  test('does not wait for a queue that does not take its outcome', async () => {
    const { queue, clock, end } = await run((_context, shared) => {
      shared.isBroken = true;
      return { requeueAfterMs: 1000 };
    });
    await clock.stepAsync(200);
    expect(queue.calls).not.toContain('done');

    queue.takeBack();
    await clock.settle();

    expect(queue.calls.at(-1)).toBe('done');
    await end();
  });

  test('is worked on as any other when it comes again', async () => {
    let runs = 0;
    const { queue, clock, controller, end } = await run((context) => {
      runs += 1;
      return runs === 1 ? untilAborted(context) : undefined;
    });
    queue.takeBack();
    await clock.settle();
    queue.add('ns/a');
    await clock.settle();

    expect(controller.counters).toMatchObject({ takenBack: 1, reconciles: { success: 1 } });
    await end();
  });
});
