import { describe, expect, test } from 'vitest';
import { DelayingQueue, PriorityQueue, RateLimitingQueue, WorkQueue } from '@kubeloop/workqueue';

describe.each([
  { name: 'WorkQueue', Queue: WorkQueue },
  { name: 'DelayingQueue', Queue: DelayingQueue },
  { name: 'RateLimitingQueue', Queue: RateLimitingQueue },
  { name: 'PriorityQueue', Queue: PriorityQueue },
])('a $name refuses at once', ({ Queue }) => {
  test('a keyOf that is no function', () => {
    // What a program in JavaScript can pass.
    const keyOf = 'id' as never;

    expect(() => new Queue({ keyOf })).toThrow(
      new TypeError('Cannot use a value of type string as keyOf: it must be a function'),
    );
  });

  test('metrics that make no instruments', () => {
    // What a program in JavaScript can pass.
    const metrics = {} as never;

    expect(() => new Queue({ name: 'pods', metrics })).toThrow(
      new TypeError('Cannot use these metrics: they have no method queue'),
    );
  });
});

test.each([WorkQueue, DelayingQueue, RateLimitingQueue])(
  'a queue refuses at once a storage that lacks a method',
  (Queue) => {
    // What a program in JavaScript can pass.
    const storage = { touch() {}, push() {}, length: 0 } as never;

    expect(() => new Queue({ storage })).toThrow(
      new TypeError('Cannot use this storage: it has no method pop'),
    );
  },
);
