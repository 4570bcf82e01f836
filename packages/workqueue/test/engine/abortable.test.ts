import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { abortable } from '../../src/engine/abortable.ts';

test('what is waited for comes through, and no listener is left', async () => {
  const { signal } = new AbortController();

  expect(await abortable(Promise.resolve(1), signal)).toBe(1);
  await expect(abortable(Promise.reject(new Error('refused')), signal)).rejects.toThrow('refused');

  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('an abort ends the wait with its reason, at once when it came before', async () => {
  const stop = new AbortController();
  const never = new Promise<never>(() => undefined);
  const waiting = abortable(never, stop.signal);

  stop.abort(new Error('enough'));

  await expect(waiting).rejects.toThrow('enough');
  await expect(abortable(never, stop.signal)).rejects.toThrow('enough');
});

test('without a signal the wait is the promise itself', async () => {
  expect(await abortable(Promise.resolve(1), undefined)).toBe(1);
});
