import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import { WorkAges } from '@kubeloop/workqueue/engine';

function make() {
  const clock = new FakeClock();
  const work = new Set<{ readonly startedAtMs: number }>();
  const told: string[] = [];
  const metrics = {
    unfinishedWork: { set: (seconds: number) => void told.push(`all ${seconds}`) },
    longestRunningProcessor: { set: (seconds: number) => void told.push(`longest ${seconds}`) },
  };
  const ages = new WorkAges({ metrics, clock, periodMs: 500, work });
  const begin = (): (() => void) => {
    const piece = { startedAtMs: clock.now() };
    work.add(piece);
    ages.began();
    return () => {
      work.delete(piece);
      ages.ended();
    };
  };
  return { clock, told, ages, begin };
}

test('the ages of all work and of the oldest are told every period', () => {
  const { clock, told, begin } = make();
  begin();
  clock.step(250);
  begin();

  clock.step(250);

  expect(told).toEqual(['all 0.75', 'longest 0.5']);
});

test('that nothing is under way is told at the end of the last piece, and the timer is gone', () => {
  const { clock, told, begin } = make();
  const ends = [begin(), begin()];

  for (const end of ends) end();

  expect(told).toEqual(['all 0', 'longest 0']);
  expect(clock.pending).toBe(0);
});

test('a stop leaves no timer, and work that begins later makes none', () => {
  const { clock, told, ages, begin } = make();
  begin();

  ages.stop();
  begin();

  clock.step(1000);
  expect([told, clock.pending]).toEqual([[], 0]);
});
