import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { Link } from '../src/link.ts';
import { Report } from '../src/report.ts';
import { settingsOf } from '../src/settings.ts';
import type { Connection, ConnectionEvents } from '../src/transport.ts';

/** A connection of which only the end matters. */
class Ending {
  readonly url: string;
  readonly events: ConnectionEvents;
  isClosed = false;

  constructor(url: string, events: ConnectionEvents) {
    this.url = url;
    this.events = events;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

let clock: FakeClock;
let made: Ending[];
let tried: { readonly url: string; readonly atMs: number }[];
let errors: string[];
let isDown: boolean;
/** Nothing is answered until the attempt is given up. */
let isSilent: boolean;
let ups: number;
let downs: number;
let onUp: () => Promise<void>;
let link: Link;

beforeEach(() => {
  clock = new FakeClock();
  made = [];
  tried = [];
  errors = [];
  isDown = false;
  isSilent = false;
  ups = 0;
  downs = 0;
  onUp = async () => void (ups += 1);
  const settings = settingsOf({
    name: 'pods',
    urls: ['amqp://one', 'amqp://two'],
    clock,
    random: () => 0,
  });
  link = new Link({
    settings,
    report: new Report((error, action) => errors.push(`${action}: ${String(error)}`), undefined),
    purpose: 'testing',
    connect: async (url, events, signal) => {
      tried.push({ url, atMs: clock.now() });
      if (isDown) throw new Error('refused');
      if (isSilent) await new Promise((_, reject) => signal.addEventListener('abort', reject));
      const connection = new Ending(url, events);
      made.push(connection);
      // Nothing else of it is used.
      return connection as unknown as Connection;
    },
    onUp: () => onUp(),
    onDown: () => (downs += 1),
  });
});

const last = (): Ending => made[made.length - 1] ?? expect.unreachable('no connection');

describe('Link', () => {
  test('is connected when what is needed on the connection is set up', async () => {
    let finish = (): void => {};
    onUp = () => new Promise((resolve) => (finish = resolve));
    const opening = link.open();
    await clock.settle();
    expect(link.state).toBe('connecting');

    finish();

    await opening;
    expect(link.state).toBe('connected');
  });

  test('tries each url once at first, and then gives up', async () => {
    isDown = true;

    await expect(link.open()).rejects.toThrow('refused');

    expect(tried.map(({ url }) => url)).toEqual(['amqp://one', 'amqp://two']);
    expect(clock.pending).toBe(0);
  });

  test('is made again by the next url when it is lost, after each round more slowly', async () => {
    await link.open();
    isDown = true;
    tried = [];

    last().events.onClosed(new Error('reset'));
    expect([link.state, link.connection, downs]).toEqual(['connecting', undefined, 1]);
    await clock.stepAsync(2000);

    expect(errors[0]).toBe('testing: the connection: Error: reset');
    expect(tried.map(({ url }) => url).slice(0, 4)).toEqual([
      'amqp://two',
      'amqp://one',
      'amqp://two',
      'amqp://one',
    ]);
    const rounds = tried.filter(({ url }) => url === 'amqp://one').map(({ atMs }) => atMs);
    expect(rounds.slice(0, 4)).toEqual([100, 300, 700, 1500]);
    isDown = false;
    await clock.stepAsync(5000);
    expect([link.state, ups]).toEqual(['connected', 2]);
  });

  test('is made again when what is needed cannot be set up', async () => {
    await link.open();
    let failures = 2;
    onUp = async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('no channel');
    };

    last().events.onClosed(new Error('reset'));
    await clock.stepAsync(1000);

    expect(link.state).toBe('connected');
    expect(made.map(({ isClosed }) => isClosed)).toEqual([false, true, true, false]);
    expect(downs).toBe(3);
  });

  test('is made again, once, when it is lost while it is set up', async () => {
    await link.open();
    onUp = async () => {
      ups += 1;
      if (ups === 2) last().events.onClosed(new Error('reset'));
    };

    last().events.onClosed(new Error('reset'));
    await clock.stepAsync(1000);

    expect([link.state, ups, made.length]).toEqual(['connected', 3, 3]);
  });

  test('tells when the broker takes nothing', async () => {
    await link.open();

    last().events.onBlocked(true);
    expect(link.state).toBe('blocked');
    last().events.onBlocked(false);

    expect(link.state).toBe('connected');
  });

  test('is not made again after it was closed, nor used when it comes late', async () => {
    link.start();
    await link.close();
    await clock.stepAsync(60_000);

    expect(made.map(({ isClosed }) => isClosed)).toEqual([true]);
    expect([link.state, clock.pending, ups]).toEqual(['closed', 0, 0]);
  });

  test('gives up the attempt that is under way when it is closed', async () => {
    isSilent = true;
    const opening = link.open();

    await link.close();

    await expect(opening).rejects.toBeDefined();
    expect([link.state, tried.length, errors, clock.pending]).toEqual(['closed', 1, [], 0]);
  });

  test('is closed and made again on demand', async () => {
    await link.open();
    const [first] = made;

    await link.reset();
    await clock.stepAsync(1000);

    expect(first?.isClosed).toBe(true);
    expect([link.state, made.length]).toEqual(['connected', 2]);
  });

  test('is made again when it is broken on demand while it is set up', async () => {
    await link.open();
    onUp = async () => {
      ups += 1;
      if (ups === 2) void link.reset();
    };
    last().events.onClosed(new Error('cut'));

    await clock.stepAsync(10_000);

    expect([link.state, ups, made.length]).toEqual(['connected', 3, 3]);
  });

  test('fails to open when it is closed while it is set up', async () => {
    onUp = async () => {
      void link.close();
    };

    await expect(link.open()).rejects.toThrow('while it was set up');

    expect([link.state, clock.pending]).toEqual(['closed', 0]);
  });
});
