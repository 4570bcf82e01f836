import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { Lease } from '../src/lease.ts';

let clock: FakeClock;
let sleptMs: number;
let expired: number;
let lease: Lease;

beforeEach(() => {
  clock = new FakeClock(100);
  sleptMs = 0;
  expired = 0;
  lease = new Lease({
    clock,
    epochNow: () => clock.now() + sleptMs,
    onExpired: () => (expired += 1),
  });
});

describe('Lease', () => {
  test('allows nothing before the first answer', () => {
    expect(lease.isValid).toBe(false);
    expect(lease.leftMs).toBe(0);
  });

  test('counts from the moment when the question was sent, not from the answer', () => {
    lease.extend(clock.now() - 400, clock.now() - 400, 1000);

    expect(lease.leftMs).toBe(600);
  });

  test('runs out, and says so once', () => {
    lease.extend(clock.now(), clock.now(), 1000);

    clock.step(999);
    expect([lease.isValid, expired]).toEqual([true, 0]);
    clock.step(1);
    expect([lease.isValid, expired]).toEqual([false, 1]);
    clock.step(5000);
    expect(expired).toBe(1);
  });

  test('goes on with every answer', () => {
    for (let round = 0; round < 10; round += 1) {
      lease.extend(clock.now(), clock.now(), 1000);
      clock.step(250);
    }

    expect([lease.isValid, expired]).toEqual([true, 0]);
  });

  test('has run out after the host has slept, although its clock stood still', () => {
    lease.extend(clock.now(), clock.now(), 1000);

    sleptMs = 60_000;

    expect(lease.isValid).toBe(false);
  });

  test('an answer to a question that was sent too long ago allows nothing', () => {
    lease.extend(clock.now() - 1000, clock.now(), 1000);

    expect(lease.isValid).toBe(false);
  });

  test('lets those go on who wait for it', async () => {
    let woken = false;
    const waiting = lease.whenValid().then(() => (woken = true));
    await clock.settle();
    expect(woken).toBe(false);

    lease.extend(clock.now(), clock.now(), 1000);

    await waiting;
    expect(woken).toBe(true);
  });

  test('does not say that it runs out when the connection is lost', () => {
    lease.extend(clock.now(), clock.now(), 1000);

    lease.drop();
    clock.step(5000);

    expect([lease.isValid, expired, clock.pending]).toEqual([false, 0, 0]);
  });
});
