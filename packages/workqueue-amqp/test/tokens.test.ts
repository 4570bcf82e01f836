import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Arrival, TokenTable } from '../src/tokens.ts';

let acked: number[];
let table: TokenTable;

beforeEach(() => {
  acked = [];
  table = new TokenTable((tag) => acked.push(tag));
});

function arrive(tag: number, more: Partial<Arrival> = {}): boolean {
  return table.arrive({
    key: 'a',
    tag,
    nowMs: 0,
    dueMs: 0,
    notBeforeMs: 0,
    attempts: 0,
    counter: undefined,
    priority: 0,
    renewal: undefined,
    ...more,
  });
}

/** Ends the work and acknowledges. */
function finish(againAtMs?: number): void {
  const token = table.get('a');
  if (!token) throw new Error('There is no token');
  const tag = table.finish(
    token,
    againAtMs === undefined ? undefined : { atMs: againAtMs, priority: 0 },
  );
  if (tag !== 0) table.settle(tag);
}

describe('TokenTable', () => {
  test('holds the first message of a key and acknowledges the others until work begins', () => {
    expect([arrive(1), arrive(2), arrive(3)]).toEqual([false, true, true]);

    expect(acked).toEqual([2, 3]);
    expect(table.unacknowledged).toBe(1);
  });

  test('holds one more message that comes during the work, for which the key is startable after it', () => {
    arrive(1);
    table.start('a', 0);
    expect([arrive(2), arrive(3)]).toEqual([false, true]);
    expect(table.startableAtMs('a')).toBeUndefined();

    finish();

    expect(acked).toEqual([3, 1]);
    expect(table.startableAtMs('a')).toBe(0);
  });

  test('knows nothing of a key whose work is done and that was not added meanwhile', () => {
    arrive(1);
    table.start('a', 0);

    finish();

    expect(table.get('a')).toBeUndefined();
    expect([table.unacknowledged, table.running]).toEqual([0, 0]);
  });

  test('holds a key back that another process may be at', () => {
    arrive(1, { notBeforeMs: 50 });

    expect(table.startableAtMs('a')).toBe(50);
  });

  test('holds a key back that another process may be at, also when a message came for it that nobody has seen', () => {
    arrive(1);
    arrive(2, { notBeforeMs: 50 });

    expect(table.startableAtMs('a')).toBe(50);
  });

  test('holds a message that is not due beside the one that is', () => {
    arrive(1, { dueMs: 100 });
    expect(table.startableAtMs('a')).toBe(100);

    arrive(2);

    expect(table.startableAtMs('a')).toBe(0);
    table.start('a', 0);
    finish();
    expect(acked).toEqual([2]);
    expect(table.startableAtMs('a')).toBe(100);
  });

  test('of two delays keeps the shorter', () => {
    arrive(1, { dueMs: 100 });
    arrive(2, { dueMs: 50 });
    arrive(3, { dueMs: 70 });

    expect(acked).toEqual([1, 3]);
    expect(table.startableAtMs('a')).toBe(50);
  });

  test('keeps the message of the work for a key that is to be worked on again soon', () => {
    arrive(1);
    table.start('a', 0);

    finish(30);

    expect(acked).toEqual([]);
    expect(table.startableAtMs('a')).toBe(30);
    table.start('a', 30);
    finish();
    expect(acked).toEqual([1]);
  });

  test('a copy of a message takes its place, in work or not, and makes no more work', () => {
    arrive(1);
    const token = table.start('a', 0);
    token.renewal = 'x';
    table.renewed(token, 'held', 1);

    expect(arrive(2, { renewal: 'x' })).toBe(false);

    finish();
    expect(acked).toEqual([1, 2]);
    expect(table.get('a')).toBeUndefined();
  });

  test('a copy that arrives before the word that the broker has it takes the place of the message too', () => {
    arrive(1);
    const token = table.start('a', 0);
    token.renewal = 'x';
    arrive(2, { renewal: 'x' });
    table.renewed(token, 'held', 1);

    finish();

    expect(acked).toEqual([1, 2]);
  });

  test('a copy of a message that came during the work, arriving before the word that the broker has it, is what is kept', () => {
    arrive(1);
    const token = table.start('a', 0);
    arrive(2);
    table.copying(token, 'next');
    arrive(3);
    table.renewed(token, 'next', 2);

    finish();

    expect(acked).toEqual([2, 1]);
    expect(table.startableAtMs('a')).toBe(0);
  });

  test('a copy of a message that is not due, arriving before the word that the broker has it, is what is kept', () => {
    arrive(1, { dueMs: 100 });
    const token = table.get('a');
    if (!token) throw new Error('There is no token');
    table.copying(token, 'delayed');
    arrive(2, { dueMs: 101 });
    table.renewed(token, 'delayed', 1);

    expect(acked).toEqual([1]);
    expect(table.startableAtMs('a')).toBe(100);
  });

  test('a copy that arrives after the work is done makes no more work', () => {
    arrive(1);
    const token = table.start('a', 0);
    token.renewal = 'x';
    table.renewed(token, 'held', 1);
    finish();

    expect(arrive(2, { renewal: 'x' })).toBe(true);

    expect(acked).toEqual([1, 2]);
    expect(table.unacknowledged).toBe(0);
  });

  test('a key whose copy is on its way is startable', () => {
    arrive(1);
    const token = table.get('a');
    if (!token) throw new Error('There is no token');
    token.renewal = 'x';

    table.renewed(token, 'held', 1);

    expect(table.startableAtMs('a')).toBe(0);
  });

  test('acknowledges every message once and none before a run that began after it has ended', () => {
    const step = fc.record({
      do: fc.constantFrom('arrive' as const, 'start' as const, 'finish' as const),
      dueMs: fc.constantFrom(0, 0, 5, 9),
      again: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const done: number[] = [];
        table = new TokenTable((tag) => done.push(tag));
        let tag = 0;
        let nowMs = 0;
        const work = (again?: number): void => {
          if (table.get('a')?.isRunning) finish(again);
        };
        for (const each of steps) {
          nowMs += 1;
          if (each.do === 'arrive') arrive((tag += 1), { nowMs, dueMs: nowMs + each.dueMs });
          else if (each.do === 'finish') work(each.again ? nowMs + 3 : undefined);
          else if ((table.startableAtMs('a') ?? Infinity) <= nowMs) table.start('a', nowMs);
          expect(table.unacknowledged).toBe(tag - done.length);
          expect(table.unacknowledged).toBeLessThanOrEqual(3);
        }
        work();
        while (table.get('a')) {
          table.start('a', (nowMs += 100));
          finish();
        }
        expect(done.toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: tag }, (_, i) => i + 1),
        );
      }),
    );
  });
});
