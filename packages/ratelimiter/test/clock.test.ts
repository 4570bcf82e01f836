import { expect, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';

test('a fake clock fires timers in the order of their times', () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  clock.setTimeout(() => fired.push('late'), 20);
  clock.setTimeout(() => fired.push('early'), 10);

  clock.step(20);

  expect(fired).toEqual(['early', 'late']);
});
