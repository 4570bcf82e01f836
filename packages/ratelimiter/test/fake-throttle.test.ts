import { expect, test } from 'vitest';
import { AlwaysThrottle, NeverThrottle } from '@kubeloop/ratelimiter/testing';

test('the always-allowing fake lets everything through at once', async () => {
  const throttle = new AlwaysThrottle();

  await throttle.wait();

  expect(throttle.allow()).toBe(true);
});

test('the never-allowing fake lets callers wait until it is stopped', async () => {
  const throttle = new NeverThrottle();
  let isThrough = false;
  const waiting = throttle.wait().then(() => (isThrough = true));
  await Promise.resolve();
  const before = [throttle.allow(), isThrough];

  throttle.stop();
  await waiting;
  await throttle.wait();

  expect([before, throttle.allow(), isThrough]).toEqual([[false, false], false, true]);
});

test('a wait on the never-allowing fake ends with its signal', async () => {
  const throttle = new NeverThrottle();
  const controller = new AbortController();
  const waiting = throttle.wait({ signal: controller.signal });
  waiting.catch(() => {});

  controller.abort(new Error('enough'));

  await expect(waiting).rejects.toThrow('enough');
});
