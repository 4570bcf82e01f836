import { expect, test } from 'vitest';
import { Expectations } from '../src/simulator/expectations.ts';

const none = new Set<string>();

test('a creation is awaited until the cache shows it', () => {
  const expectations = new Expectations();
  expectations.expectCreation('demo/rs', 'a');

  expect(expectations.areMet('demo/rs', none, none)).toBe(false);
  expect(expectations.areMet('demo/rs', new Set(['a']), new Set(['a']))).toBe(true);
  expect(expectations.areMet('demo/rs', none, none)).toBe(true);
});

test('a deletion is awaited until the cache shows that the object is ending or gone', () => {
  const expectations = new Expectations();
  expectations.expectDeletion('demo/rs', 'a');

  expect(expectations.areMet('demo/rs', new Set(['a']), new Set(['a']))).toBe(false);
  expect(expectations.areMet('demo/rs', new Set(['a']), none)).toBe(true);
});

test('one owner does not wait for another, nor for what it has forgotten', () => {
  const expectations = new Expectations();
  expectations.expectCreation('demo/rs', 'a');

  expect(expectations.areMet('demo/other', none, none)).toBe(true);
  expectations.forget('demo/rs');
  expect(expectations.areMet('demo/rs', none, none)).toBe(true);
});
