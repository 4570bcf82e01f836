import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import type { ControllerOptions } from '../src/controller-options.ts';
import { request, runController } from './support/controller-rig.ts';

async function setUp(options: Partial<ControllerOptions> = {}) {
  const runs: string[] = [];
  const clock = new FakeClock();
  const rig = await runController(
    ({ name }, { priority }) => void runs.push(`${name}@${clock.now()}:${priority}`),
    { debounceMs: 100, ...options, clock },
  );
  const event = (name: string, priority?: number): unknown =>
    rig.source.context?.enqueue(request(name), { priority });
  return { ...rig, runs, event };
}

describe('a trailing debounce', () => {
  test('runs a key once it has been quiet, and each further event starts the time again', async () => {
    const { clock, runs, event, end } = await setUp();
    event('a');
    await clock.stepAsync(99);
    event('a');
    await clock.stepAsync(99);
    expect(runs).toEqual([]);

    await clock.stepAsync(1);
    expect(runs).toEqual(['a@199:0']);
    await end();
  });

  test('holds each key back by itself', async () => {
    const { clock, runs, event, end } = await setUp();
    event('a');
    await clock.stepAsync(60);
    event('b');
    await clock.stepAsync(40);
    expect(runs).toEqual(['a@100:0']);

    await clock.stepAsync(60);
    expect(runs).toEqual(['a@100:0', 'b@160:0']);
    await end();
  });

  test('keeps the highest priority of the events that it put together', async () => {
    const { clock, runs, event, end } = await setUp();
    event('a', -100);
    event('a', 5);
    event('a', -100);
    event('b', -100);
    await clock.stepAsync(100);

    expect(runs).toEqual(['a@100:5', 'b@100:-100']);
    await end();
  });

  test('lets through what was asked for by hand or has a time of its own', async () => {
    const { clock, controller, runs, source, end } = await setUp();
    void controller.enqueue(request('a'));
    void source.context?.enqueue(request('b'), { afterMs: 10 });
    await clock.stepAsync(10);

    expect(runs).toEqual(['a@0:0', 'b@10:0']);
    await end();
  });

  test('does not hold requeues back', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const reconcile = (): { requeueAfterMs: number } => {
      times.push(clock.now());
      return { requeueAfterMs: 7 };
    };
    const rig = await runController(reconcile, { clock, debounceMs: 100 });
    void rig.source.context?.enqueue(request('a'));
    await clock.stepAsync(107);

    expect(times).toEqual([100, 107]);
    await rig.end();
  });

  test('leaves no timer behind at the stop', async () => {
    const { clock, event, end, source, runs } = await setUp();
    event('a');
    await end();
    void source.context?.enqueue(request('b'));
    await clock.stepAsync(1000);

    expect([clock.pending, runs]).toEqual([0, []]);
  });

  test('reports a queue that refuses what was held back', async () => {
    const { clock, controller, event, end, log } = await setUp();
    const refusal = (): never => {
      throw new Error('full');
    };
    Object.assign(controller.queue ?? {}, { add: refusal });
    event('a');
    await clock.stepAsync(100);

    expect(log.messages('error')).toEqual([
      'A request that was held back could not be enqueued: full',
    ]);
    await end();
  });
});

test('a debounce that is no duration is refused', async () => {
  await expect(setUp({ debounceMs: -1 })).rejects.toThrow('Cannot use -1 as debounceMs');
});
