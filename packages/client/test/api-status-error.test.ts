import { describe, expect, test } from 'vitest';
import * as predicates from '../src/api-status-error.ts';

const { ApiStatusError } = predicates;

/** Every predicate that says yes. */
function matching(value: unknown): string[] {
  return Object.entries(predicates)
    .filter(([name, is]) => name.startsWith('is') && (is as (v: unknown) => boolean)(value))
    .map(([name]) => name)
    .sort();
}

describe('the predicates', () => {
  test.each<[number, string | undefined, string[]]>([
    [400, 'BadRequest', ['isBadRequest']],
    [401, 'Unauthorized', ['isUnauthorized']],
    [403, 'Forbidden', ['isForbidden']],
    [404, 'NotFound', ['isNotFound', 'isUnknownResource']],
    [409, 'AlreadyExists', ['isAlreadyExists']],
    [409, 'Conflict', ['isConflict']],
    [410, 'Gone', ['isGone']],
    [410, 'Expired', ['isGone', 'isResourceExpired']],
    [422, 'Invalid', ['isInvalid']],
    [429, 'TooManyRequests', ['isTooManyRequests']],
    [500, 'InternalError', ['isInternalError']],
    [503, 'ServiceUnavailable', ['isServiceUnavailable']],
    [504, 'Timeout', ['isTimeout']],
    [500, 'ServerTimeout', ['isTimeout']],
    [409, undefined, ['isConflict']],
    [410, undefined, ['isGone']],
    [404, 'SomethingElse', ['isNotFound', 'isUnknownResource']],
    [418, undefined, []],
  ])('code %d with reason %s', (code, reason, names) => {
    expect(matching(new ApiStatusError({ status: { code, reason } }))).toEqual(names);
  });

  test('errors of another copy of this package and bare statuses are recognised by their shape', () => {
    expect(matching({ code: 410, reason: 'Expired' })).toEqual(['isGone', 'isResourceExpired']);
    expect(matching(Object.assign(new Error('x'), { code: 409, reason: 'Conflict' }))).toEqual([
      'isConflict',
    ]);
  });

  test.each([undefined, null, 'NotFound', 404, new Error('x'), { code: 'ECONNRESET' }, {}])(
    'nothing matches %s',
    (value) => {
      expect(matching(value)).toEqual([]);
    },
  );

  test('a 404 that names an object is no unknown resource', () => {
    const status = { code: 404, reason: 'NotFound', details: { name: 'a', kind: 'pods' } };

    expect(matching(new ApiStatusError({ status }))).toEqual(['isNotFound']);
  });
});

describe('ApiStatusError', () => {
  test('is recognised across copies by its brand', () => {
    const copy = Object.defineProperty({}, Symbol.for('@kubeloop/client/ApiStatusError'), {
      value: true,
    });

    expect(ApiStatusError.is(copy)).toBe(true);
    expect(ApiStatusError.is(new Error('x'))).toBe(false);
    expect(ApiStatusError.is(null)).toBe(false);
  });

  test('takes the wait that the status asks for', () => {
    const status = { code: 504, details: { retryAfterSeconds: 3 } };

    expect(new ApiStatusError({ status }).retryAfterMs).toBe(3000);
    expect(new ApiStatusError({ status, retryAfterMs: 1000 }).retryAfterMs).toBe(1000);
  });

  test('an empty status is an internal error', () => {
    expect(new ApiStatusError({ status: {} })).toMatchObject({
      code: 500,
      reason: 'InternalError',
      message: 'The server answered 500 InternalError',
    });
  });
});
