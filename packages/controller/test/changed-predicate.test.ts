import type { ObjectLike } from '@kubeloop/cache-store';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import { changed } from '../src/changed-predicate.ts';

interface Thing extends ObjectLike {
  readonly spec: unknown;
}

function thing(spec: unknown, uid = 'u1', name = 'a'): Thing {
  return { metadata: { namespace: 'ns', name, uid }, spec };
}

function setUp(ttlMs?: number) {
  const clock = new FakeClock();
  const predicate = changed<Thing>((object) => object.spec, { clock, ttlMs });
  const passes = (object: Thing): boolean | undefined =>
    predicate.update?.({ old: object, new: object });
  return { clock, predicate, passes };
}

test('the first event of an object passes, and later ones only when a chosen part changed', () => {
  const { predicate, passes } = setUp();

  expect(predicate.create?.({ object: thing(1), isInInitialList: true })).toBe(true);
  expect(passes(thing(1))).toBe(false);
  expect(passes(thing(2))).toBe(true);
  expect(passes(thing(2))).toBe(false);
  expect(predicate.create?.({ object: thing(2), isInInitialList: true })).toBe(false);
  expect(predicate.generic?.({ object: thing(1) })).toBe(true);
});

test('a part that is long is compared as well, and so is one that goes', () => {
  const { passes } = setUp();
  const long = 'x'.repeat(10_000);

  expect([long, long, `${long}y`, undefined, undefined].map((each) => passes(thing(each)))).toEqual(
    [true, false, true, true, false],
  );
});

test('another object of the same name is a new one, since its uid is another', () => {
  const { passes } = setUp();
  passes(thing(1));

  expect(passes(thing(1, 'u2'))).toBe(true);
  expect(passes(thing(1, 'u1', 'b'))).toBe(true);
  expect(passes(thing(1))).toBe(false);
});

test('a deletion passes and lets the object be forgotten', () => {
  const { predicate, passes } = setUp();
  passes(thing(1));

  expect(predicate.delete?.({ object: thing(1), isStateUnknown: false })).toBe(true);
  expect(passes(thing(1))).toBe(true);
});

test('an object that was not heard of for longer than the time to live passes again', async () => {
  const { clock, passes } = setUp(1000);
  passes(thing(1));
  await clock.stepAsync(1000);
  expect(passes(thing(1))).toBe(false);

  await clock.stepAsync(1001);
  expect(passes(thing(1))).toBe(true);
});

test('what was not heard of for an hour is forgotten by default', async () => {
  const { clock, passes } = setUp();
  passes(thing(1));
  await clock.stepAsync(3_600_001);

  expect(passes(thing(1))).toBe(true);
});

test('a selection that is asynchronous or no function is refused', () => {
  const predicate = changed<Thing>(async () => Promise.reject(new Error('boom')));

  expect(() => predicate.generic?.({ object: thing(1) })).toThrow('must return the parts');
  // What a program in JavaScript can pass.
  expect(() => changed('spec' as never)).toThrow(
    'Cannot use spec as the selection of changed: it must be a function',
  );
  expect(() => changed(() => 1, { ttlMs: Number.NaN })).toThrow(RangeError);
});
