import { ApiStatusError } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import { retryOnConflict } from '../src/retry-on-conflict.ts';

const conflict = (): ApiStatusError =>
  new ApiStatusError({ status: { code: 409, reason: 'Conflict' } });

test('the change is tried again after a conflict, at the times of client-go', async () => {
  const clock = new FakeClock();
  const times: number[] = [];
  const change = async (): Promise<string> => {
    times.push(clock.now());
    if (times.length < 3) throw conflict();
    return Promise.resolve('done');
  };

  const result = retryOnConflict(change, { clock, random: () => 0 });
  await clock.stepAsync(100);

  expect(await result).toBe('done');
  expect(times).toEqual([0, 10, 20]);
});

test('the conflict of the fifth call is thrown', async () => {
  const clock = new FakeClock();
  let calls = 0;
  const result = retryOnConflict(
    async () => {
      calls += 1;
      throw conflict();
    },
    { clock },
  );
  const failure = result.catch((error: unknown) => error);

  await clock.stepAsync(100);

  expect(await failure).toMatchObject({ code: 409 });
  expect(calls).toBe(5);
  expect(clock.pending).toBe(0);
});

test('any other error is thrown at once', async () => {
  const error = new Error('other');

  await expect(retryOnConflict(() => Promise.reject(error))).rejects.toBe(error);
});

test('an abort ends the waiting and leaves no timer', async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const result = retryOnConflict(() => Promise.reject(conflict()), {
    clock,
    signal: stop.signal,
    initialMs: 1000,
  });
  const failure = result.catch((error: unknown) => error);
  await clock.settle();

  stop.abort(new Error('enough'));

  expect(await failure).toMatchObject({ message: 'enough' });
  expect(clock.pending).toBe(0);
});

test.each([
  { attempts: 0 },
  { attempts: 1.5 },
  { initialMs: Number.NaN },
  { factor: -1 },
  { jitter: Infinity },
])('the option %j is refused', async (options) => {
  await expect(retryOnConflict(async () => {}, options)).rejects.toThrow(RangeError);
});

test('a conflict of field managers is thrown at once, since the same apply meets it again', async () => {
  const cause = { reason: 'FieldManagerConflict', field: '.spec', message: 'conflict with "a"' };
  let calls = 0;

  const result = retryOnConflict(async () => {
    calls += 1;
    throw new ApiStatusError({
      status: { code: 409, reason: 'Conflict', details: { causes: [cause] } },
    });
  });

  await expect(result).rejects.toMatchObject({ code: 409 });
  expect(calls).toBe(1);
});
