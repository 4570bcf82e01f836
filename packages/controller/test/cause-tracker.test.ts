import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import type { CauseTrackerOptions } from '../src/cause-tracker.ts';
import { causesOf, CauseTracker } from '../src/cause-tracker.ts';
import type { ReconcileCause } from '../src/causes.ts';

function setUp(options: Partial<CauseTrackerOptions> = {}): {
  clock: FakeClock;
  tracker: CauseTracker;
} {
  const clock = new FakeClock();
  return { clock, tracker: new CauseTracker({ keepsCauses: true, clock, ...options }) };
}

const event = (object: string): ReconcileCause => ({ type: 'update', source: 'things', object });
const names = (list: readonly ReconcileCause[] = []): unknown[] => list.map(({ object }) => object);

test('the first event of a key counts, and what was taken is forgotten', () => {
  const { clock, tracker } = setUp();
  clock.step(5);
  tracker.event('a', event('x'), 0);
  clock.step(5);
  tracker.event('a', event('y'), 0);

  const taken = tracker.take('a');

  expect(taken).toMatchObject({ sinceMs: 5, more: 0 });
  expect(names(taken?.list)).toEqual(['x', 'y']);
  expect([tracker.take('a'), tracker.size]).toEqual([undefined, 0]);
});

test('32 causes are kept and the rest is counted', () => {
  const { tracker } = setUp();
  for (let index = 0; index < 40; index += 1) tracker.event('a', event(`${index}`), 0);

  const { list, more } = causesOf(tracker.take('a'));

  expect([list.length, list.at(-1)?.object, more]).toEqual([32, '31', 8]);
});

test('one event that asks for a key twice is one cause', () => {
  const { tracker } = setUp();
  const once = event('x');
  tracker.event('a', once, 0);
  tracker.event('a', once, 0);

  expect(causesOf(tracker.take('a'))).toEqual({ list: [once], more: 0 });
});

test('an event whose handler sets a delay counts from when its key is due', () => {
  const { tracker } = setUp();
  tracker.event('a', event('x'), 100);
  tracker.event('b', event('x'), 100);
  tracker.event('b', event('y'), 0);

  expect([tracker.take('a')?.sinceMs, tracker.take('b')?.sinceMs]).toEqual([100, 0]);
});

test('a requeue has no time, and an event that comes before it is due has', () => {
  const { clock, tracker } = setUp();
  tracker.requeued('a', { type: 'requeue' });
  tracker.requeued('b', { type: 'requeue' });
  clock.step(7);
  tracker.event('b', event('x'), 0);

  expect([tracker.take('a')?.sinceMs, tracker.take('b')?.sinceMs]).toEqual([Infinity, 7]);
});

test('what is put back counts before what has come since, within the limit', () => {
  const { clock, tracker } = setUp();
  for (let index = 0; index < 30; index += 1) tracker.event('a', event(`${index}`), 0);
  const taken = tracker.take('a');
  clock.step(9);
  for (let index = 30; index < 40; index += 1) tracker.event('a', event(`${index}`), 0);

  tracker.putBack('a', taken);

  const again = tracker.take('a');
  expect([again?.sinceMs, again?.list.length, again?.more]).toEqual([0, 32, 8]);
  expect(again?.list.at(-1)?.object).toBe('31');
});

test('beyond the limit of keys the oldest is forgotten', () => {
  const { tracker } = setUp({ maxKeys: 2 });
  for (const key of ['a', 'b', 'c']) tracker.event(key, event(key), 0);

  expect(tracker.size).toBe(2);
  expect(tracker.take('a')).toBeUndefined();
  expect(names(tracker.take('c')?.list)).toEqual(['c']);
});

test('without a wish for causes only the time is kept', () => {
  const { clock, tracker } = setUp({ keepsCauses: false });
  clock.step(3);
  tracker.event('a', event('x'), 0);

  expect(tracker.take('a')).toEqual({ sinceMs: 3, list: [], more: 0 });
});

test('after the stop nothing is remembered', () => {
  const { tracker } = setUp();
  tracker.event('a', event('x'), 0);
  const taken = tracker.take('a');
  tracker.event('b', event('x'), 0);

  tracker.stop();
  tracker.event('c', event('x'), 0);
  tracker.requeued('d', { type: 'requeue' });
  tracker.putBack('a', taken);

  expect(tracker.size).toBe(0);
});
