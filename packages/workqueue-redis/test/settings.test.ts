import { expect, test } from 'vitest';
import { settingsOf } from '../src/settings.ts';

const needed = { name: 'orders', url: 'redis://localhost' };

test('the defaults are a lease of thirty seconds, no limit of retries, and an identity of its own', () => {
  const settings = settingsOf(needed);

  expect(settings).toMatchObject({ leaseMs: 30_000, maxRetries: Infinity, pollMs: 5000 });
  expect(settings.identity).not.toBe(settingsOf(needed).identity);
});

test('those who wait look for work at least three times in a lease', () => {
  expect(settingsOf({ ...needed, leaseMs: 600 }).pollMs).toBe(200);
});

test.each([
  ['leaseMs', 99, RangeError],
  ['leaseMs', Number.NaN, RangeError],
  ['leaseMs', Infinity, RangeError],
  ['leaseMs', '5', TypeError],
  ['maxRetries', -1, RangeError],
  ['maxRetries', 0.5, RangeError],
  ['url', 'amqp://localhost', TypeError],
  ['url', undefined, TypeError],
  ['tls', 'certificate', TypeError],
  ['tls', null, TypeError],
  ['identity', '', TypeError],
  ['identity', 'two words', TypeError],
  ['onError', 'log', TypeError],
  ['random', 4, TypeError],
] as const)('%s %j is refused by name', (option, value, kind) => {
  // A caller without types.
  const options = { ...needed, [option]: value } as never;

  expect(() => settingsOf(options)).toThrow(kind);
  expect(() => settingsOf(options)).toThrow(option);
});

test('certificates are refused with a url that would not use them, which is not shown', () => {
  const options = { ...needed, url: 'redis://user:SECRET@localhost', tls: {} };

  const message = 'Cannot use tls with a url of "redis://": TLS is "rediss://"';
  expect(() => settingsOf(options)).toThrow(new TypeError(message));
  expect(settingsOf({ ...options, url: 'rediss://localhost' }).url).toBe('rediss://localhost');
});
