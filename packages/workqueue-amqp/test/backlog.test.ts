import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { pullBacklog } from '../src/backlog.ts';
import { settingsOf } from '../src/settings.ts';
import { TokenTable } from '../src/tokens.ts';
import type { Connection } from '../src/transport.ts';

let clock: FakeClock;
let table: TokenTable;
let waiting: number;
let isClosed: boolean;
let hasEnded: boolean;

/** Begins to pull from a queue in which so many messages wait. */
function pull(messages: number, window: number = 100): Promise<void> {
  waiting = messages;
  const control = {
    countsOf: async () => ({ messages: waiting, consumers: 1 }),
    close: async () => void (isClosed = true),
  };
  const settings = settingsOf({ name: 'pods', urls: 'amqp://broker', clock, window });
  // Nothing else of it is used.
  const connection = { openControl: async () => control } as unknown as Connection;
  const pulling = pullBacklog('queue', { connection, table, settings });
  return pulling.then(() => void (hasEnded = true));
}

function arrive(count: number): void {
  for (let index = 0; index < count; index += 1) table.pass();
}

beforeEach(() => {
  clock = new FakeClock();
  table = new TokenTable(() => {});
  isClosed = false;
  hasEnded = false;
});

describe('pullBacklog', () => {
  test('ends when what waited has arrived, whatever is added meanwhile', async () => {
    const pulling = pull(10);
    await clock.stepAsync(100);
    arrive(9);
    await clock.stepAsync(100);
    expect(hasEnded).toBe(false);

    waiting = 50;
    arrive(1);
    await clock.stepAsync(100);

    expect([hasEnded, isClosed]).toEqual([true, true]);
    await pulling;
  });

  test('ends soon when nothing waits', async () => {
    void pull(0);

    await clock.stepAsync(20);

    expect(hasEnded).toBe(true);
  });

  test('ends when the window is full', async () => {
    void pull(1000, 5);
    arrive(5);

    await clock.stepAsync(40);

    expect(hasEnded).toBe(true);
  });

  test('ends when nothing arrives for a second, because another gets it', async () => {
    void pull(1000);
    await clock.stepAsync(900);
    expect(hasEnded).toBe(false);

    await clock.stepAsync(300);

    expect(hasEnded).toBe(true);
  });

  test('ends after half a minute, however much is left', async () => {
    void pull(1_000_000, 60_000);
    for (let second = 0; second < 29; second += 1) {
      arrive(1);
      await clock.stepAsync(1000);
    }
    expect(hasEnded).toBe(false);
    arrive(1);

    await clock.stepAsync(1500);

    expect([hasEnded, clock.pending]).toEqual([true, 0]);
  });
});
