import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { compareVersions, History } from '../src/history.ts';
import type { EventMessage } from '../src/subject-protocol.ts';

type Call = readonly [op: EventMessage['op'], uid: string, rv: string, tombstone?: boolean];

function violations(...calls: readonly Call[]): string[] {
  const history = new History();
  for (const [op, uid, rv, tombstone] of calls) {
    const resource = 'configmaps';
    history.note({ type: 'event', resource, key: 'a/b', op, uid, rv, tombstone, t: 0 });
  }
  return history.takeViolations();
}

describe('the calls of a handler', () => {
  test.each<{ title: string; calls: readonly Call[] }>([
    {
      title: 'an addition, updates and a deletion',
      calls: [
        ['add', 'u', '1'],
        ['update', 'u', '2'],
        ['update', 'u', '10'],
        ['delete', 'u', '11'],
      ],
    },
    {
      title: 'an addition after a deletion',
      calls: [
        ['add', 'u', '1'],
        ['delete', 'u', '2'],
        ['add', 'v', '3'],
      ],
    },
    {
      title: 'the same version again, as after a list',
      calls: [
        ['add', 'u', '1'],
        ['update', 'u', '1'],
      ],
    },
    {
      title: 'another uid by an update, as after a gap',
      calls: [
        ['add', 'u', '1'],
        ['update', 'v', '5'],
      ],
    },
    {
      title: 'a deletion concluded from a list, with the last known version',
      calls: [
        ['add', 'u', '1'],
        ['delete', 'u', '1', true],
      ],
    },
  ])('are legal: $title', ({ calls }) => {
    expect(violations(...calls)).toEqual([]);
  });

  test.each<{ title: string; calls: readonly Call[]; words: string }>([
    {
      title: 'an update of an unknown object',
      calls: [['update', 'u', '1']],
      words: 'it was not there',
    },
    {
      title: 'a deletion of an unknown object',
      calls: [['delete', 'u', '1']],
      words: 'it was not there',
    },
    {
      title: 'two additions',
      calls: [
        ['add', 'u', '1'],
        ['add', 'u', '2'],
      ],
      words: 'it was there already',
    },
    {
      title: 'an update after a deletion',
      calls: [
        ['add', 'u', '1'],
        ['delete', 'u', '2'],
        ['update', 'u', '3'],
      ],
      words: 'it was not there',
    },
    {
      title: 'two deletions',
      calls: [
        ['add', 'u', '1'],
        ['delete', 'u', '2'],
        ['delete', 'u', '2'],
      ],
      words: 'it was not there',
    },
    {
      title: 'a version that goes back',
      calls: [
        ['add', 'u', '10'],
        ['update', 'u', '9'],
      ],
      words: 'version 9 after version 10',
    },
    {
      title: 'an addition of what was deleted',
      calls: [
        ['add', 'u', '1'],
        ['delete', 'u', '2'],
        ['add', 'u', '2'],
      ],
      words: 'version 2 was deleted before',
    },
    {
      title: 'an addition of something older than what was deleted',
      calls: [
        ['add', 'u', '1'],
        ['delete', 'u', '3'],
        ['add', 'u', '2'],
      ],
      words: 'version 2 after version 3',
    },
    {
      title: 'a concluded deletion of another object',
      calls: [
        ['add', 'u', '1'],
        ['delete', 'v', '2', true],
      ],
      words: 'uid v was never told of, but u',
    },
  ])('are illegal: $title', ({ calls, words }) => {
    expect(violations(...calls)).toEqual([expect.stringContaining(words)]);
  });

  test('are reported once', () => {
    const history = new History();
    history.note({
      type: 'event',
      resource: 'a',
      key: 'a/b',
      op: 'update',
      uid: 'u',
      rv: '1',
      t: 0,
    });
    history.takeViolations();

    expect(history.takeViolations()).toEqual([]);
  });

  test('of different keys have nothing to do with each other', () => {
    const history = new History();
    for (const key of ['a/b', 'a/c'])
      history.note({ type: 'event', resource: 'a', key, op: 'add', uid: key, rv: '1', t: 0 });

    expect(history.takeViolations()).toEqual([]);
    expect(history.events).toBe(2);
  });
});

test('versions are ordered as numbers, also beyond what a number holds', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n }), fc.bigInt({ min: 1n }), (a, b) => {
      const order = a < b ? -1 : a > b ? 1 : 0;
      expect(Math.sign(compareVersions(`${a}`, `${b}`))).toBe(order);
    }),
  );
});
