import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import { Expectations } from '../../src/consistency/expectations.ts';

test('a key of which nothing is expected is satisfied', () => {
  expect(new Expectations().isSatisfied('ns/a')).toBe(true);
});

test('a key is satisfied when as many creations and deletions were observed as expected', () => {
  const expectations = new Expectations({ clock: new FakeClock() });
  expectations.expect('ns/a', { creations: 2, deletions: 1 });
  expectations.creationObserved('ns/a');
  expectations.deletionObserved('ns/a');

  expect(expectations.isSatisfied('ns/a')).toBe(false);
  expectations.creationObserved('ns/a');
  expect(expectations.isSatisfied('ns/a')).toBe(true);
});

test('keys are counted apart from each other', () => {
  const expectations = new Expectations({ clock: new FakeClock() });
  expectations.expect('ns/a', { creations: 1 });
  expectations.expect('ns/b', { creations: 1 });
  expectations.creationObserved('ns/b');

  expect(expectations.isSatisfied('ns/a')).toBe(false);
});

test('what is not observed within five minutes is expected no more', async () => {
  const clock = new FakeClock();
  const expectations = new Expectations({ clock });
  expectations.expect('ns/a', { creations: 1 });

  await clock.stepAsync(300_000);
  expect(expectations.isSatisfied('ns/a')).toBe(false);
  await clock.stepAsync(1);
  expect(expectations.isSatisfied('ns/a')).toBe(true);
});

test('expecting again replaces what was expected and starts the time again', async () => {
  const clock = new FakeClock();
  const expectations = new Expectations({ clock, timeoutMs: 10 });
  expectations.expect('ns/a', { creations: 5 });
  await clock.stepAsync(11);
  expectations.expect('ns/a', { deletions: 1 });

  expect(expectations.isSatisfied('ns/a')).toBe(false);
  expect(expectations.get('ns/a')).toEqual({ creations: 0, deletions: 1 });
});

test('calls that failed lower and further calls raise what is expected', () => {
  const expectations = new Expectations({ clock: new FakeClock() });
  expectations.expect('ns/a', { creations: 3 });
  expectations.raise('ns/a', { creations: 1, deletions: 1 });
  expectations.lower('ns/a', { creations: 4 });

  expect(expectations.get('ns/a')).toEqual({ creations: 0, deletions: 1 });
});

test('what is observed of a key without expectations, or of one that was forgotten, changes nothing', () => {
  const expectations = new Expectations({ clock: new FakeClock() });
  expectations.creationObserved('ns/a');
  expectations.expect('ns/b', { creations: 1 });
  expectations.forget('ns/b');

  expect([expectations.get('ns/a'), expectations.get('ns/b')]).toEqual([undefined, undefined]);
  expect(expectations.isSatisfied('ns/b')).toBe(true);
});

test('what is no count and no duration is refused', () => {
  const expectations = new Expectations();

  expect(() => expectations.expect('ns/a', { creations: -1 })).toThrow(
    'Cannot expect -1 creations or deletions: it must be a whole number from 0 up',
  );
  expect(() => new Expectations({ timeoutMs: Number.NaN })).toThrow(RangeError);
});
