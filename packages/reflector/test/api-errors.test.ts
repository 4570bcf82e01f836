import { ApiStatusError } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';
import {
  isExpired,
  isInternalError,
  isTooLargeResourceVersion,
  isTooManyRequests,
  retryAfterMs,
} from '../src/api-errors.ts';
import {
  StoreError,
  VeryShortWatchError,
  WatchListTimeoutError,
  WatchSilentError,
  WatchStatusError,
} from '../src/index.ts';

/** The same refusal as the client throws it and as an ERROR event brings it. */
function both(status: { code: number; reason?: string; message?: string }): readonly Error[] {
  return [new ApiStatusError({ status }), new WatchStatusError(status)];
}

describe('errors of the API server are recognised, thrown by the client or brought by an event', () => {
  test.each([
    ['Expired', isExpired, { code: 410, reason: 'Expired' }],
    ['Gone', isExpired, { code: 410, reason: 'Gone' }],
    ['410 without a reason', isExpired, { code: 410 }],
    ['TooManyRequests', isTooManyRequests, { code: 429, reason: 'TooManyRequests' }],
    ['InternalError', isInternalError, { code: 500, reason: 'InternalError' }],
    [
      'a version too large',
      isTooLargeResourceVersion,
      { code: 504, reason: 'Timeout', message: 'Too large resource version: 9, current: 5' },
    ],
  ])('%s', (_, isRecognised, status) => {
    expect(both(status).map(isRecognised)).toEqual([true, true]);
  });

  test('other reasons of code 500 are no internal errors', () => {
    expect(both({ code: 500, reason: 'StoreReadError' }).map(isInternalError)).toEqual([
      false,
      false,
    ]);
  });

  test('what is no error of the server is none of them', () => {
    const strangers = [undefined, null, 'Expired', new Error('Expired'), { code: 'ECONNRESET' }];

    expect(strangers.some((stranger) => isExpired(stranger))).toBe(false);
  });
});

describe('Retry-After', () => {
  test('is read from the error or from the details of its status', () => {
    const status = { code: 429, details: { retryAfterSeconds: 3 } };
    const header = new ApiStatusError({ status: { code: 503 }, retryAfterMs: 1500 });

    expect(retryAfterMs(header)).toBe(1500);
    expect(retryAfterMs(new WatchStatusError(status))).toBe(3000);
  });

  test('counts as zero when it is missing or no time', () => {
    const odd = { code: 429, details: { retryAfterSeconds: Number.NaN } };

    expect([retryAfterMs(odd), retryAfterMs(new Error('no'))]).toEqual([0, 0]);
  });
});

test('each class of error knows its own, also from another copy, and no other', () => {
  const classes = [
    [StoreError, new StoreError('replace', 'things', new Error('full'))],
    [VeryShortWatchError, new VeryShortWatchError('things')],
    [WatchListTimeoutError, new WatchListTimeoutError('things', 'too slow')],
    [WatchSilentError, new WatchSilentError('things', 5)],
    [WatchStatusError, new WatchStatusError({ code: 410 })],
  ] as const;

  const table = classes.map(([own]) => classes.map(([, error]) => own.is(error)));

  expect(table).toEqual(classes.map((_, row) => classes.map((__, column) => row === column)));
});
