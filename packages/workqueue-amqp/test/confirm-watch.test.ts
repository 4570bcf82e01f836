import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { ConfirmWatch } from '../src/confirm-watch.ts';

let clock: FakeClock;
let watched: { isWaiting: boolean; confirmed: number };
let stuck: number[];
let watch: ConfirmWatch;

beforeEach(() => {
  clock = new FakeClock();
  watched = { isWaiting: true, confirmed: 5 };
  stuck = [];
  watch = new ConfirmWatch({
    clock,
    heartbeatMs: 4000,
    watched,
    onStuck: () => stuck.push(clock.now()),
  });
});

describe('ConfirmWatch', () => {
  test('gives a connection up that has confirmed nothing for half a heartbeat', () => {
    watch.start();

    clock.step(10_000);

    expect(stuck).toEqual([2000]);
    expect(clock.pending).toBe(0);
  });

  test('is more patient with each connection that confirms nothing, to a limit', () => {
    watch.start();
    const passed: number[] = [];

    for (let count = 0; count < 4; count += 1) {
      const fromMs = clock.now();
      while (stuck.length === count) clock.step(100);
      passed.push((stuck[count] ?? 0) - fromMs);
      watch.start();
    }

    expect(passed).toEqual([2000, 4000, 8000, 8000]);
  });

  test('begins anew after a refusal', () => {
    watch.start();
    clock.step(2000);
    watch.stir();
    watch.start();

    clock.step(2000);

    expect(stuck).toEqual([2000, 4000]);
  });

  test('waits for an election when the connection has confirmed before', () => {
    watch.start();
    clock.step(500);
    watched.confirmed += 1;

    clock.step(15_400);
    expect(stuck).toEqual([]);
    clock.step(1000);

    expect(stuck).toEqual([16_000]);
  });

  test('minds nothing while confirms come, or nothing waits for one', () => {
    watch.start();
    for (let count = 0; count < 30; count += 1) {
      watched.confirmed += 1;
      clock.step(1000);
    }
    watched.isWaiting = false;

    clock.step(60_000);

    expect(stuck).toEqual([]);
  });

  test('ends', () => {
    watch.start();

    watch.stop();

    expect(clock.pending).toBe(0);
  });
});
