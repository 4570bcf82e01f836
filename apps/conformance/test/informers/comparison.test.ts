import { expect, test } from 'vitest';

import { asksMore, expectedOf, idleParts } from '../../src/informers/comparison.ts';
import { contentHash, outcomeOf } from '../../src/informers/outcome.ts';
import type { Outcome } from '../../src/informers/outcome.ts';
import { seen } from '../../src/informers/request-text.ts';
import { thingsPath } from '../../src/informers/things.ts';

const recorded: Outcome = {
  requests: ['LIST limit=500 resourceVersion=0', 'WATCH resourceVersion=10'],
  told: {
    'default/a': ['add u@1 initial', 'update u@1 to u@1', 'update u@1 to u@2'],
    'default/b': ['update v@1 to v@1'],
  },
  store: { 'default/a': 'u@2 0123' },
  synced: true,
};

test('updates without a change are expected of nobody', () => {
  const { told } = expectedOf(recorded, undefined);

  expect(told).toEqual({ 'default/a': ['add u@1 initial', 'update u@1 to u@2'] });
});

test('an update to another uid at the same version is a change', () => {
  const told = { 'default/a': ['update u@1 to w@1'] };

  expect(expectedOf({ ...recorded, told }, undefined).told).toEqual(told);
});

test('a difference replaces the parts that it names', () => {
  const ours = { requests: ['LIST limit=500 resourceVersion=0'] };

  const expected = expectedOf(recorded, { reason: 'none', titles: [], ours });

  expect(expected.requests).toEqual(ours.requests);
  expect(expected.store).toEqual(recorded.store);
});

test('a part of a difference that is as recorded is found', () => {
  const ours = { requests: recorded.requests, synced: false };

  expect(idleParts(recorded, { reason: 'none', titles: [], ours })).toEqual(['requests']);
});

test.each([
  ['a list more', [...recorded.requests, 'LIST'], true],
  ['a watch more', [...recorded.requests, 'WATCH'], true],
  ['a stream more in place of a list', ['STREAM', 'WATCH'], true],
  ['a stream in place of a watch', ['LIST', 'STREAM'], false],
  ['a list fewer', ['WATCH'], false],
])('%s counts as asking more: %s', (_, requests, expected) => {
  expect(asksMore({ ...recorded, requests }, recorded)).toBe(expected);
});

test('a request is told without what depends on chance, and all else is kept', () => {
  const url = `${thingsPath}?watch=true&timeoutSeconds=421&resourceVersion=7&allowWatchBookmarks=true`;

  const request = seen('GET', url);

  expect(request).toEqual({
    kind: 'watch',
    text: 'WATCH allowWatchBookmarks=true resourceVersion=7 timeoutSeconds=300..600',
  });
});

test.each(['299', '601', '', 'x'])('a timeout of %j is told as it is', (timeout) => {
  const { text } = seen('GET', `${thingsPath}?watch=true&timeoutSeconds=${timeout}`);

  expect(text).toBe(`WATCH timeoutSeconds=${timeout}`);
});

test('a request for something else is told with its path', () => {
  expect(seen('GET', '/version').text).toBe('GET /version');
});

test('an outcome keeps the order of the calls for each key, and every mark', () => {
  const object = { uid: 'u', version: '2' };
  const old = { uid: 'u', version: '1' };

  const { told } = outcomeOf([], {
    told: [
      { event: 'add', key: 'default/__proto__', object: old, initial: true },
      { event: 'add', key: 'default/a', object },
      { event: 'update', key: 'default/__proto__', object, old },
      { event: 'delete', key: 'default/__proto__', object, tombstone: true },
    ],
    store: [],
    synced: true,
  });

  expect(told).toEqual({
    'default/__proto__': ['add u@1 initial', 'update u@1 to u@2', 'delete u@2 tombstone'],
    'default/a': ['add u@2'],
  });
});

test('hashes of content depend on every value, and not on the order of keys', () => {
  const one = contentHash(JSON.parse('{"a":[1,{"b":null}],"__proto__":"x"}'));
  const same = contentHash(JSON.parse('{"__proto__":"x","a":[1,{"b":null}]}'));
  const other = contentHash(JSON.parse('{"__proto__":"y","a":[1,{"b":null}]}'));

  expect(same).toBe(one);
  expect(other).not.toBe(one);
});
