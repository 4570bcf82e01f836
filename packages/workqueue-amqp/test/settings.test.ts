import { describe, expect, test } from 'vitest';
import type { AmqpQueueOptions } from '../src/options.ts';
import { settingsOf } from '../src/settings.ts';

const least: AmqpQueueOptions = { name: 'pods', urls: 'amqp://broker' };

describe('settingsOf', () => {
  test('fills in the defaults', () => {
    expect(settingsOf(least)).toMatchObject({
      partitions: 16,
      heartbeatMs: 10_000,
      takeoverGraceMs: 20_000,
      window: 60_000,
      ackTimeoutMs: 1_800_000,
      delayLevelsMs: [1000, 4000, 16_000, 64_000, 256_000, 1_024_000],
      maxRetries: Infinity,
      urls: ['amqp://broker'],
    });
  });

  test('lets a grace follow the heartbeat, and be zero', () => {
    expect(settingsOf({ ...least, heartbeatMs: 3000 }).takeoverGraceMs).toBe(6000);
    expect(settingsOf({ ...least, takeoverGraceMs: 0 }).takeoverGraceMs).toBe(0);
  });

  test('gives every process another identity', () => {
    expect(settingsOf(least).identity).not.toBe(settingsOf(least).identity);
  });

  // What a program in JavaScript may give.
  const refused: readonly (readonly [string, object, RegExp])[] = [
    ['a name with a slash', { name: 'a/b' }, /Cannot use "a\/b" as name/],
    ['an empty name', { name: '' }, /as name/],
    ['a name that is too long', { name: 'a'.repeat(101) }, /as name/],
    ['a name that is no string', { name: 7 }, /type number as name/],
    ['no url', { urls: [] }, /these urls/],
    ['a url of another protocol', { urls: 'http://broker' }, /this url/],
    ['a broken url', { urls: 'amqp://' }, /this url/],
    ['tls that is no object', { tls: 'certificate' }, /this tls/],
    ['tls that is null', { tls: null }, /this tls/],
    [
      'certificates with a url that would not use them',
      { urls: ['amqps://broker', 'amqp://broker'], tls: {} },
      /Cannot use tls with a url of "amqp:\/\/": TLS is "amqps:\/\/"/,
    ],
    ['no partitions', { partitions: 0 }, /Cannot use 0 as partitions/],
    ['too many partitions', { partitions: 65 }, /1 to 64/],
    ['half a second of heartbeat', { heartbeatMs: 1500 }, /whole seconds/],
    ['no heartbeat', { heartbeatMs: 0 }, /as heartbeatMs/],
    ['a negative grace', { takeoverGraceMs: -1 }, /as takeoverGraceMs/],
    ['a grace that is no number', { takeoverGraceMs: NaN }, /as takeoverGraceMs/],
    ['no window', { window: 0 }, /1 to 65535/],
    ['a window that does not fit 16 bits', { window: 65_536 }, /1 to 65535/],
    ['an endless acknowledgement timeout', { ackTimeoutMs: Infinity }, /as ackTimeoutMs/],
    ['no levels', { delayLevelsMs: [] }, /these delayLevelsMs/],
    ['levels that shrink', { delayLevelsMs: [2000, 1000] }, /longer than the one before/],
    ['half a retry', { maxRetries: 0.5 }, /as maxRetries/],
    ['an empty identity', { identity: '' }, /this identity/],
    ['an onError that is no function', { onError: 'log' }, /as onError/],
  ];
  test.each(refused)('refuses %s, and says why', (_what, options, message) => {
    expect(() => settingsOf({ ...least, ...options })).toThrow(message);
  });

  test('does not show what is in a url that it refuses', () => {
    expect(() => settingsOf({ ...least, urls: 'amq://user:secret@host' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    );
  });
});
