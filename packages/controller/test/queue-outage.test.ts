import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { Queue, QueueMetrics } from '@kubeloop/workqueue';
import { PriorityQueue } from '@kubeloop/workqueue';
import { describe, expect, test } from 'vitest';
import { request, runController } from './support/controller-rig.ts';

type Method = 'add' | 'addAfter' | 'addRateLimited' | 'forget';

/** A queue in another process, which fails while one of its methods is broken. */
class RemoteQueue extends PriorityQueue<string> {
  broken: Method | undefined;
  calls: Method[] = [];

  /** The queue as a controller sees it. */
  get remote(): Queue<string> {
    const call = async (method: Method, act: () => unknown): Promise<void> => {
      this.calls.push(method);
      await Promise.resolve();
      if (this.broken === method) throw new Error('broker gone');
      act();
    };
    return new Proxy<Queue<string>>(this, {
      get: (_, name) => {
        const member: unknown = Reflect.get(this, name, this);
        if (typeof member !== 'function') return member;
        const act = (...args: unknown[]): unknown => Reflect.apply(member, this, args);
        const isRemote = name === 'add' || name === 'addAfter' || name === 'forget';
        if (!isRemote && name !== 'addRateLimited') return act;
        return (...args: unknown[]) => call(name, () => act(...args));
      },
    });
  }
}

interface Rig extends Awaited<ReturnType<typeof runController>> {
  readonly queue: RemoteQueue;
  /** When reconciles began. */
  readonly times: number[];
}

async function rig(reconcile: (run: number) => object | void = () => {}): Promise<Rig> {
  const clock = new FakeClock();
  const times: number[] = [];
  let queue: RemoteQueue | undefined;
  const made = await runController(
    () => {
      times.push(clock.now());
      return reconcile(times.length);
    },
    {
      clock,
      newQueue: (name, rateLimiter) => {
        queue = new RemoteQueue({ name, rateLimiter, clock });
        return queue.remote;
      },
    },
  );
  if (!queue) throw new Error('The controller has made no queue');
  return { ...made, queue, times };
}

describe('while the queue takes nothing', () => {
  test('the request of a source waits and is offered again until it is taken', async () => {
    const { source, queue, clock, times, log, end } = await rig();
    queue.broken = 'add';
    let isTaken = false;
    const answer = Promise.resolve(source.context?.enqueue(request('a')));
    void answer.then(() => (isTaken = true));
    await clock.stepAsync(10_000);

    expect([isTaken, times]).toEqual([false, []]);
    expect(log.messages('error')[0]).toBe(
      'The controller could not enqueue "ns/a" and will try again: broker gone',
    );
    queue.broken = undefined;
    await clock.stepAsync(60_000);

    expect(isTaken).toBe(true);
    expect(times).toHaveLength(1);
    await end();
  });

  test.each([
    ['the failure of a reconcile is not lost', 'addRateLimited' as const, undefined],
    ['a reconcile that wants another one gets it', 'addRateLimited' as const, { requeue: true }],
    ['a later reconcile is not lost', 'addAfter' as const, { requeueAfterMs: 10 }],
    [
      'a later reconcile is not lost by a failing forget',
      'forget' as const,
      { requeueAfterMs: 10 },
    ],
  ])('%s', async (_, broken, result) => {
    const { controller, queue, clock, times, end } = await rig((run) => {
      if (run > 1) return {};
      if (!result) throw new Error('boom');
      return result;
    });
    queue.broken = broken;
    await controller.enqueue(request('a'));
    await clock.stepAsync(10_000);
    expect(times).toHaveLength(1);

    queue.broken = undefined;
    await clock.stepAsync(60_000);

    expect(times).toHaveLength(2);
    await end();
  });

  test('a stop does not wait for it', async () => {
    const { controller, queue, source, clock, end } = await rig(() => ({ requeue: true }));
    await controller.enqueue(request('a'));
    queue.broken = 'addRateLimited';
    await clock.settle();
    queue.broken = 'add';
    const offered = source.context?.enqueue(request('b'));
    await clock.settle();

    await end();

    await offered;
    expect(clock.pending).toBe(0);
  });
});

describe('a queue that cannot be worked with', () => {
  test.each([undefined, {}, { add() {} }])(
    'is reported and asked for again: %o',
    async (answer) => {
      const answers = [answer, new PriorityQueue<string>({})];
      const seen: string[] = [];
      // What a program in JavaScript can answer.
      const newQueue = (() => answers.shift()) as never;
      const { clock, log, source, end } = await runController(({ name }) => void seen.push(name), {
        newQueue,
      });
      await clock.stepAsync(60_000);

      await source.context?.enqueue(request('a'));
      await clock.settle();

      expect(log.messages('error').join()).toContain(
        'Cannot work with what newQueue answered: it has no method',
      );
      expect(seen).toEqual(['a']);
      await end();
    },
  );
});

test('instruments of a queue that throw are reported, and no event is lost to them', async () => {
  const fail = (): never => {
    throw new Error('no metrics');
  };
  const instrument = { inc: fail, dec: fail, observe: fail, set: fail };
  const queue = (): QueueMetrics => ({
    depth: instrument,
    adds: instrument,
    retries: instrument,
    queueDuration: instrument,
    workDuration: instrument,
    unfinishedWork: instrument,
    longestRunningProcessor: instrument,
  });
  const seen: string[] = [];
  const { clock, log, source, end } = await runController(({ name }) => void seen.push(name), {
    queueMetrics: { queue },
  });

  await source.context?.enqueue(request('a'));
  await clock.stepAsync(1000);

  expect(seen).toEqual(['a']);
  expect(log.messages('error').join()).toContain('The metrics of the queue threw');
  await end();
});

test('a queue that is shut down although the controller runs ends it, and the log says so', async () => {
  const { controller, queue, clock, log, end } = await rig();

  queue.shutDown();
  await clock.settle();

  expect(controller.state).toBe('stopped');
  expect(log.messages('error')).toEqual(['The controller ends: its queue was shut down']);
  await end();
});
