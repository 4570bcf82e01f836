import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Delay, DelayHeap } from '../src/delay-heap.ts';

const anyTimes = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 });

function delaysOf(times: readonly number[]): Delay<string>[] {
  return times.map((readyAtMs, sequence) => ({
    entry: `e${sequence}`,
    readyAtMs,
    sequence,
    isLive: true,
  }));
}

function sorted(delays: readonly Delay<string>[]): Delay<string>[] {
  return delays.toSorted((a, b) => a.readyAtMs - b.readyAtMs || a.sequence - b.sequence);
}

function drained(heap: DelayHeap<string>): (Delay<string> | undefined)[] {
  return Array.from({ length: heap.size }, () => heap.pop());
}

test('delays come out by their times, and those of the same time by their sequence', () => {
  fc.assert(
    fc.property(anyTimes, (times) => {
      const delays = delaysOf(times);
      const heap = new DelayHeap<string>();
      for (const delay of delays.toReversed()) heap.push(delay);

      expect(drained(heap)).toEqual(sorted(delays));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('whatever is put in between, the one that is ready next comes out', () => {
  fc.assert(
    fc.property(anyTimes, fc.infiniteStream(fc.boolean()), (times, isPop) => {
      const heap = new DelayHeap<string>();
      const out: (Delay<string> | undefined)[] = [];
      const expected: (Delay<string> | undefined)[] = [];
      let held: Delay<string>[] = [];
      for (const delay of delaysOf(times)) {
        heap.push(delay);
        held = sorted([...held, delay]);
        if (isPop.next().value) {
          out.push(heap.pop());
          expected.push(held.shift());
        }
      }

      expect(out).toEqual(expected);
      expect(heap.peek()).toBe(held[0]);
    }),
  );
});

test('a copy holds the same delays and leaves the heap as it is', () => {
  fc.assert(
    fc.property(anyTimes, (times) => {
      const delays = delaysOf(times);
      const heap = new DelayHeap<string>();
      for (const delay of delays) heap.push(delay);

      expect(drained(heap.copy())).toEqual(sorted(delays));
      expect([...heap]).toHaveLength(delays.length);
      expect(drained(heap)).toEqual(sorted(delays));
    }),
  );
});
