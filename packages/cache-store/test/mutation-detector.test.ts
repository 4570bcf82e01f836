import { getEventListeners } from 'node:events';
import type { Clock } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test, vi } from 'vitest';
import { MutationDetector, type Mutation } from '../src/mutation-detector.ts';

interface Counted {
  spec: { count: number };
}

function detecting(options: { periodMs?: number; retainMs?: number } = {}) {
  const clock = new FakeClock();
  const mutations: Mutation<Counted>[] = [];
  const detector = new MutationDetector<Counted>({
    ...options,
    clock: clock satisfies Clock,
    onMutation: (mutation) => void mutations.push(mutation),
  });
  return { clock, mutations, detector };
}

describe('MutationDetector', () => {
  test('a change in place is reported within one period, with what it was before', async () => {
    const { clock, mutations, detector } = detecting({ periodMs: 1000 });
    const abort = new AbortController();
    const running = detector.run({ signal: abort.signal });
    const obj = { spec: { count: 1 } };
    detector.add(obj);
    obj.spec.count = 2;

    await clock.stepAsync(1000);

    expect(mutations).toEqual([{ obj: { spec: { count: 2 } }, original: { spec: { count: 1 } } }]);
    expect(mutations[0]?.obj).toBe(obj);
    abort.abort();
    await running;
  });

  test('an object that was not changed is not reported', () => {
    const { mutations, detector } = detecting();
    detector.add({ spec: { count: 1 } });

    detector.check();

    expect(mutations).toEqual([]);
  });

  test('an instance of a class that was not changed is not reported', () => {
    class Spec {
      count = 1;
    }
    const { mutations, detector } = detecting();
    detector.add({ spec: new Spec() });

    detector.check();

    expect(mutations).toEqual([]);
  });

  test('a hook that throws does not keep other changes from it', () => {
    const seen: number[] = [];
    const detector = new MutationDetector<Counted>({
      clock: new FakeClock(),
      onMutation: ({ obj }) => {
        seen.push(obj.spec.count);
        throw new Error('mutated');
      },
    });
    for (const obj of [{ spec: { count: 1 } }, { spec: { count: 2 } }]) {
      detector.add(obj);
      obj.spec.count += 10;
    }

    expect(() => detector.check()).toThrow(AggregateError);
    expect(seen).toEqual([11, 12]);
  });

  test('a change is reported once', () => {
    const { mutations, detector } = detecting();
    const obj = { spec: { count: 1 } };
    detector.add(obj);
    obj.spec.count = 2;

    detector.check();
    detector.check();

    expect(mutations).toHaveLength(1);
  });

  test('an object is watched for as long as it is retained', () => {
    const { clock, mutations, detector } = detecting({ retainMs: 5000 });
    const obj = { spec: { count: 1 } };
    detector.add(obj);
    clock.step(5000);
    detector.check();

    obj.spec.count = 2;
    detector.check();

    expect(mutations).toEqual([]);
  });

  test('a change is still found at the check that ends the time', () => {
    const { clock, mutations, detector } = detecting({ retainMs: 5000 });
    const obj = { spec: { count: 1 } };
    detector.add(obj);
    obj.spec.count = 2;
    clock.step(6000);

    detector.check();

    expect(mutations).toHaveLength(1);
  });

  test('an abort checks once more and leaves no timer', async () => {
    const { clock, mutations, detector } = detecting();
    const abort = new AbortController();
    const running = detector.run({ signal: abort.signal });
    const obj = { spec: { count: 1 } };
    detector.add(obj);
    obj.spec.count = 2;

    abort.abort();
    await running;

    expect(mutations).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('a long run holds one listener and a timer that lets the process end', async () => {
    const clock = new FakeClock();
    let unreferenced = 0;
    const detector = new MutationDetector<Counted>({
      onMutation: () => {},
      periodMs: 10,
      clock: {
        now: () => clock.now(),
        setTimeout: (callback, delayMs) => {
          const timer = clock.setTimeout(callback, delayMs);
          return { cancel: () => timer.cancel(), unref: () => void (unreferenced += 1) };
        },
      },
    });
    const abort = new AbortController();
    const running = detector.run({ signal: abort.signal });

    await clock.stepAsync(50);

    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
    expect(unreferenced).toBe(6);
    abort.abort();
    await running;
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });

  test('run does nothing when the signal is aborted already', async () => {
    const { clock, detector } = detecting();

    await detector.run({ signal: AbortSignal.abort() });

    expect(clock.pending).toBe(0);
  });

  test('a hook that throws ends the run with its error', async () => {
    const clock = new FakeClock();
    const detector = new MutationDetector<Counted>({
      clock,
      onMutation: () => {
        throw new Error('mutated');
      },
    });
    const running = detector.run({ signal: new AbortController().signal });
    const outcome = running.catch((error: unknown) => error);
    const obj = { spec: { count: 1 } };
    detector.add(obj);
    obj.spec.count = 2;

    await clock.stepAsync(1000);

    expect(await outcome).toEqual(new Error('mutated'));
    expect(clock.pending).toBe(0);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])(
    'a period of %d is refused',
    (value) => {
      expect(() => detecting({ periodMs: value })).toThrow(RangeError);
      expect(() => detecting({ retainMs: value })).toThrow(RangeError);
    },
  );

  test('a period that is no number is refused', () => {
    // Untyped callers can do this.
    expect(() => detecting({ periodMs: '1' as unknown as number })).toThrow(TypeError);
  });

  test('without a clock the time is that of the process', async () => {
    vi.useFakeTimers();
    const onMutation = vi.fn<(mutation: Mutation<Counted>) => void>();
    const detector = new MutationDetector<Counted>({ onMutation });
    const abort = new AbortController();
    const running = detector.run({ signal: abort.signal });
    const obj = { spec: { count: 1 } };
    detector.add(obj);
    obj.spec.count = 2;

    await vi.advanceTimersByTimeAsync(1000);

    expect(onMutation).toHaveBeenCalledOnce();
    abort.abort();
    await running;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});
