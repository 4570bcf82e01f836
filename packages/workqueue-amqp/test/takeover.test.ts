import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { Takeover } from '../src/takeover.ts';

let clock: FakeClock;
let takeover: Takeover;

beforeEach(() => {
  clock = new FakeClock(100);
  takeover = new Takeover(clock, 5000);
});

describe('Takeover', () => {
  test('holds a key back for the grace', () => {
    takeover.arrived();

    expect(takeover.holdUntil()).toBe(5100);
    expect(takeover.isWaiting).toBe(true);
    clock.step(5000);
    expect(takeover.isWaiting).toBe(false);
  });

  test('holds nothing back of what was given up in peace just before', () => {
    takeover.handOver();
    clock.step(900);
    takeover.arrived();

    expect([takeover.holdUntil(), takeover.isWaiting]).toEqual([0, false]);
  });

  test('lets go what it holds when the word comes just after', () => {
    takeover.arrived();
    takeover.holdUntil();
    clock.step(900);

    expect(takeover.handOver()).toBe(true);

    expect([takeover.holdUntil(), takeover.isWaiting]).toEqual([0, false]);
  });

  test('believes no word that was given long before, or comes long after', () => {
    takeover.handOver();
    clock.step(1001);
    takeover.arrived();
    expect(takeover.holdUntil()).toBeGreaterThan(0);

    clock.step(1001);

    expect(takeover.handOver()).toBe(false);
    expect(takeover.isWaiting).toBe(true);
  });

  test('believes no word of an earlier subscription', () => {
    takeover.handOver();
    takeover.arrived();
    takeover.end();
    takeover.arrived();

    expect(takeover.holdUntil()).toBeGreaterThan(0);
  });

  test('a word without messages is kept for them', () => {
    expect(takeover.handOver()).toBe(false);

    takeover.arrived();

    expect(takeover.isPeaceful).toBe(true);
  });
});
