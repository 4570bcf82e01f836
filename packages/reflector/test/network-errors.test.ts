import { describe, expect, test } from 'vitest';
import { isConnectionBroken, isConnectionRefused } from '../src/network-errors.ts';
import { networkError } from './scripted.ts';

describe('a refused connection is recognised', () => {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

  test.each([
    ['by its own code', refused],
    ['by the code of its cause', networkError('ECONNREFUSED')],
    ['when each of several addresses refused', new AggregateError([refused, refused])],
  ])('%s', (_, error) => {
    expect(isConnectionRefused(error)).toBe(true);
  });

  test.each([
    ['a reset', networkError('ECONNRESET')],
    ['a plain error', new Error('no')],
    ['nothing', undefined],
  ])('and not taken for %s', (_, error) => {
    expect(isConnectionRefused(error)).toBe(false);
  });
});

describe('a broken connection is recognised', () => {
  test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE'])(
    'by %s',
    (code) => {
      expect(isConnectionBroken(networkError(code))).toBe(true);
    },
  );

  test('and certificates that are wrong are none', () => {
    expect(isConnectionBroken(networkError('CERT_HAS_EXPIRED'))).toBe(false);
  });

  test('even when causes run in a circle', () => {
    const circle = new Error('round');
    circle.cause = circle;

    expect(isConnectionBroken(circle)).toBe(false);
  });
});
