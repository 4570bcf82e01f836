import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { ListLimit } from '../src/index.ts';

const { signal } = new AbortController();

interface Waiting {
  readonly clock: FakeClock;
  readonly limit: ListLimit;
  /** The names of those who have got a turn, in order. */
  readonly begun: string[];
  /** How each can end its turn. */
  readonly ends: Map<string, () => void>;
  readonly ask: (name: string, signal?: AbortSignal) => void;
}

function limitOf(maxConcurrent: number): Waiting {
  const clock = new FakeClock();
  const limit = new ListLimit({ maxConcurrent, clock });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const wait = async (name: string, aborted: AbortSignal): Promise<void> => {
    const end = await limit.take(aborted);
    if (!end) return;
    begun.push(name);
    ends.set(name, end);
  };
  const ask = (name: string, aborted = signal): void => void wait(name, aborted);
  return { clock, limit, begun, ends, ask };
}

describe('a limit', () => {
  test('lets so many begin, and each of the others when a turn ends, in the order in which they asked', async () => {
    const { clock, begun, ends, ask } = limitOf(2);
    for (const name of ['a', 'b', 'c', 'd']) ask(name);
    await clock.settle();
    const first = [...begun];

    ends.get('b')?.();
    await clock.settle();
    const second = [...begun];
    ends.get('c')?.();
    await clock.settle();

    expect([first, second, begun]).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c', 'd'],
    ]);
  });

  test('counts a turn that is ended twice once', async () => {
    const { clock, begun, ends, ask } = limitOf(1);
    for (const name of ['a', 'b', 'c']) ask(name);
    await clock.settle();

    ends.get('a')?.();
    ends.get('a')?.();
    await clock.settle();

    expect(begun).toEqual(['a', 'b']);
  });

  test('lets nobody wait longer than 30 s for one turn', async () => {
    const { clock, begun, ask } = limitOf(1);
    ask('a');
    ask('b');

    await clock.stepAsync(29_999);
    const before = [...begun];
    await clock.stepAsync(1);

    expect([before, begun]).toEqual([['a'], ['a', 'b']]);
  });

  test('passes over those who have given up, and leaves no listener on their signals', async () => {
    const { clock, limit, begun, ends, ask } = limitOf(1);
    const impatient = new AbortController();
    ask('a');
    ask('b', impatient.signal);
    ask('c');
    await clock.settle();

    impatient.abort();
    ends.get('a')?.();
    await clock.settle();

    expect(begun).toEqual(['a', 'c']);
    expect(await limit.take(impatient.signal)).toBeUndefined();
  });

  test('leaves no timer when all turns have ended', async () => {
    const { clock, ends, ask } = limitOf(3);
    ask('a');
    ask('b');
    await clock.settle();

    for (const end of ends.values()) end();

    expect(clock.pending).toBe(0);
  });
});
