import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '@kubeloop/ratelimiter';
import { FakeClock } from '@kubeloop/ratelimiter/testing';

afterEach(() => {
  vi.useRealTimers();
});

test('the system clock uses the globals of the moment, so libraries with fake timers work', () => {
  vi.useFakeTimers();
  const fired = vi.fn<() => void>();
  const startMs = systemClock.now();

  systemClock.setTimeout(fired, 1000);
  vi.advanceTimersByTime(999);
  const early = fired.mock.calls.length;
  vi.advanceTimersByTime(1);

  expect([early, fired.mock.calls.length, systemClock.now() - startMs]).toEqual([0, 1, 1000]);
});

test('the system clock keeps delays that are longer than those of setTimeout', () => {
  vi.useFakeTimers();
  const fired = vi.fn<() => void>();
  const fortyDaysMs = 40 * 24 * 3_600_000;

  systemClock.setTimeout(fired, fortyDaysMs);
  vi.advanceTimersByTime(fortyDaysMs - 1);
  const early = fired.mock.calls.length;
  vi.advanceTimersByTime(1);

  expect([early, fired.mock.calls.length]).toEqual([0, 1]);
});

test('the system clock rounds fractions of a millisecond up, so that a timer is not early', () => {
  vi.useFakeTimers();
  const fired = vi.fn<() => void>();

  systemClock.setTimeout(fired, 1.5);
  vi.advanceTimersByTime(1);
  const early = fired.mock.calls.length;
  vi.advanceTimersByTime(1);

  expect([early, fired.mock.calls.length]).toEqual([0, 1]);
});

test('the system clock takes a delay below zero for none, without a warning of the process', async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', onWarning);

  await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, -5));
  process.off('warning', onWarning);

  expect(warnings).toEqual([]);
});

test('a cancelled timer of the system clock never fires, also between two of its slices', () => {
  vi.useFakeTimers();
  const fired = vi.fn<() => void>();
  const timer = systemClock.setTimeout(fired, 2 ** 32);

  vi.advanceTimersByTime(2 ** 31);
  timer.cancel();
  vi.advanceTimersByTime(2 ** 33);

  expect(fired).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test('a fake clock fires timers in the order of their times', () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  clock.setTimeout(() => fired.push('late'), 20);
  clock.setTimeout(() => fired.push('early'), 10);

  clock.step(20);

  expect(fired).toEqual(['early', 'late']);
});

test('a fake clock fires timers of the same time in the order in which they were set', () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  clock.setTimeout(() => fired.push('first'), 10);
  clock.setTimeout(() => fired.push('second'), 10);

  clock.step(10);

  expect(fired).toEqual(['first', 'second']);
});

test('a fake clock shows each timer its own time and stops at the end of the step', () => {
  const clock = new FakeClock(100);
  const times: number[] = [];
  clock.setTimeout(() => {
    times.push(clock.now());
    clock.setTimeout(() => times.push(clock.now()), 5);
  }, 10);

  clock.step(30);

  expect([...times, clock.now()]).toEqual([110, 115, 130]);
});

test('a fake clock that a timer moves itself does not go back at the end of the step', () => {
  const clock = new FakeClock();
  clock.setTimeout(() => clock.step(100), 5);

  clock.step(10);

  expect(clock.now()).toBe(105);
});

test('a fake clock that is moved during an asynchronous step does not go back at its end', async () => {
  const clock = new FakeClock();

  const stepping = clock.stepAsync(10);
  clock.step(50);
  await stepping;

  expect(clock.now()).toBe(50);
});

test.each([-1, Number.NaN, Infinity])('a fake clock refuses a step of %d', async (ms) => {
  const clock = new FakeClock(7);

  expect(() => clock.step(ms)).toThrow(RangeError);
  await expect(clock.stepAsync(ms)).rejects.toThrow(RangeError);
  expect(clock.now()).toBe(7);
});

test('a fake clock refuses a timer whose delay is not a number', () => {
  const clock = new FakeClock();

  expect(() => clock.setTimeout(() => {}, Number.NaN)).toThrow(RangeError);
  expect(clock.pending).toBe(0);
});

test('a fake clock counts its timers and tells how far the next one is away', () => {
  const clock = new FakeClock();
  const timer = clock.setTimeout(() => {}, 30);
  clock.setTimeout(() => {}, 50);

  const before = [clock.pending, clock.untilNextMs];
  timer.cancel();
  const after = [clock.pending, clock.untilNextMs];

  expect([before, after]).toEqual([
    [2, 30],
    [1, 50],
  ]);
});

test('a fake clock refuses to go on when a timer sets itself again without a delay', () => {
  const clock = new FakeClock();
  const again = (): void => void clock.setTimeout(again, 0);
  again();

  expect(() => clock.step(1)).toThrow('one of them sets itself again without a delay');
});
