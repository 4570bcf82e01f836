import type { Clock } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import type { IntervalSourceOptions } from '../src/interval-source.ts';
import { IntervalSource } from '../src/interval-source.ts';
import type { SourceContext } from '../src/source.ts';
import { recordingLogger } from './support/recording-logger.ts';

const due = [{ namespace: 'ns', name: 'a' }];

/** A source on a clock of which `shown` is what the source sees. */
async function setUp(
  options: Partial<IntervalSourceOptions> = {},
  clock = new FakeClock(),
  shown: Clock = clock,
) {
  const times: number[] = [];
  const errors: unknown[] = [];
  const stop = new AbortController();
  const context: SourceContext = {
    signal: stop.signal,
    logger: recordingLogger().logger,
    clock: shown,
    enqueue: () => void times.push(shown.now()),
    onHandlerError: (error) => void errors.push(error),
  };
  const source = new IntervalSource({ name: 'hourly', intervalMs: 100, requests: due, ...options });
  await source.start(context);
  return { clock, times, errors, context, source, stop };
}

describe('turns', () => {
  test('come one interval after the start and then at each further one', async () => {
    const { clock, times, source } = await setUp();
    await clock.stepAsync(350);

    expect(times).toEqual([100, 200, 300]);
    expect(source.describe()).toEqual({ name: 'hourly', isSynced: true, lastError: undefined });
    await source.stop();
  });

  test('that were missed while the process stood still are not made up for', async () => {
    const fake = new FakeClock();
    let sleptMs = 0;
    const shown: Clock = {
      now: () => fake.now() + sleptMs,
      setTimeout: (call, ms) => fake.setTimeout(call, ms),
    };
    const { clock, times, source } = await setUp({ requests: () => due }, fake, shown);
    await clock.stepAsync(50);
    sleptMs = 950; // the timer for 100 fires when it is 1050
    await clock.stepAsync(200);

    expect(times).toEqual([1050, 1100, 1200]);
    await source.stop();
  });

  test('never run at the same time: one that takes long is followed by the next regular one', async () => {
    const clock = new FakeClock();
    const begun: number[] = [];
    const slow = async (): Promise<typeof due> => {
      begun.push(clock.now());
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, 250));
      return due;
    };
    const { times, source } = await setUp({ requests: slow }, clock);
    await clock.stepAsync(800);

    expect(begun).toEqual([100, 400, 700]);
    expect(times).toHaveLength(2);
    await clock.stepAsync(150);
    await source.stop();
  });

  test('come late by no more than the jitter, and do not drift by it', async () => {
    const numbers = [0.5, 0, 0.9];
    const random = (): number => numbers.shift() ?? 0;
    const { clock, times, source } = await setUp({ jitter: 0.2, random });
    await clock.stepAsync(410);

    expect(times).toEqual([110, 200, 318, 400]);
    await source.stop();
  });

  test('come once each although timers may be early by a part of a millisecond', async () => {
    const clock = new FakeClock();
    const early: Clock = {
      now: () => clock.now(),
      setTimeout: (call, ms) => clock.setTimeout(call, ms - 0.5),
    };
    const { times, source } = await setUp({ clock: early }, clock);
    await clock.stepAsync(300);

    expect(times).toEqual([99.5, 199.5, 299.5]);
    await source.stop();
  });
});

describe('requests that fail', () => {
  test('are reported, show in the description, and the next turn comes', async () => {
    const answers = [new Error('down'), due];
    const requests = async (): Promise<typeof due> => {
      const next = answers.shift() ?? [];
      if (next instanceof Error) return Promise.reject(next);
      return Promise.resolve(next);
    };
    const { clock, times, errors, source } = await setUp({ requests });
    await clock.stepAsync(100);
    const { lastError } = source.describe();
    await clock.stepAsync(100);

    expect(errors).toEqual([new Error('down')]);
    expect([lastError, source.describe().lastError]).toEqual([new Error('down'), undefined]);
    expect(times).toEqual([200]);
    await source.stop();
  });
});

describe('the stop', () => {
  test('waits for the turn in work, tells it by the signal and leaves no timer', async () => {
    const { clock, times, source, stop } = await setUp({
      requests: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(due), { once: true });
        }),
    });
    await clock.stepAsync(100);
    stop.abort();
    await source.stop();

    expect([times.length, clock.pending]).toEqual([1, 0]);
    await clock.stepAsync(1000);
    expect(times).toHaveLength(1);
  });

  test('before the first turn leaves nothing', async () => {
    const { clock, times, source } = await setUp();
    await source.stop();
    await clock.stepAsync(1000);

    expect([times, clock.pending]).toEqual([[], 0]);
  });

  test('is harmless before the start, and a second start is refused', async () => {
    await new IntervalSource({ name: 'x', intervalMs: 1, requests: due }).stop();
    const { context, source } = await setUp();

    await expect(source.start(context)).rejects.toThrow('Cannot start source "hourly" twice');
    await source.stop();
  });
});

test.each([
  [{ intervalMs: 0 }, 'an interval of 0'],
  [{ intervalMs: Number.NaN }, 'an interval of NaN'],
  [{ intervalMs: Infinity }, 'an interval of Infinity'],
  [{ jitter: 2 }, 'a jitter of 2'],
  [{ jitter: Number.NaN }, 'a jitter of NaN'],
  [{ requests: 'a' as never }, 'the requests of source "x"'],
])('the options %j are refused', (options, message) => {
  const make = (): unknown =>
    new IntervalSource({ name: 'x', intervalMs: 1, requests: due, ...options });

  expect(make).toThrow(message);
});
