import type { ObjectLike } from '@kubeloop/cache-store';
import { NamespaceSet } from '@kubeloop/informer';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { CacheTracker, type TrackedInformer } from '../../src/consistency/cache-tracker.ts';

/** A cache over several namespaces, each of which is as new as the test says. */
class Caches implements TrackedInformer {
  readonly isStopped = false;
  versions: Record<string, string> = { a: '10', b: '10' };
  readonly indexer = { getByKey: (): undefined => undefined };
  #wake = (): void => {};

  get lastStoreSyncResourceVersion(): string {
    return Object.values(this.versions).toSorted((x, y) => Number(x) - Number(y))[0] ?? '';
  }

  storeVersionOf(namespace: string): string {
    return this.versions[namespace] ?? '';
  }

  addEventHandler(): void {}

  on(_: string, listener: () => void): void {
    this.#wake = listener;
  }

  /** Something came, or a namespace went. */
  changed(): void {
    this.#wake();
  }
}

test.each([
  ['an object without finalizers', {}, {}, ['u']],
  ['a namespace whose content is still there', {}, { finalizers: ['kubernetes'] }, []],
  ['a pod that has time to end', { deletionGracePeriodSeconds: 30 }, {}, []],
])('the deletions that a write to %s leads to are awaited', (_, own, spec, uids) => {
  const caches = new Caches();
  const clock = new FakeClock();
  const tracker = new CacheTracker({ resource: 'pods', informer: caches, clock });
  const metadata = { name: 'x', uid: 'u', resourceVersion: '20' };
  tracker.wrote('x', '', { metadata });

  const written = { metadata: { ...metadata, ...own, deletionTimestamp: 'now' }, spec };
  tracker.wrote('x', '', written);

  expect(tracker.awaited()?.uids).toEqual(uids);
});

function setupSelective(): {
  readonly caches: Caches;
  readonly write: (name: string, app: string, resourceVersion: string) => void;
  readonly tracker: CacheTracker;
} {
  const caches = new Caches();
  const selection = { labelSelector: 'app=web' };
  const clock = new FakeClock();
  const tracker = new CacheTracker({ resource: 'pods', informer: caches, selection, clock });
  return {
    caches,
    tracker,
    write: (name, app, resourceVersion) =>
      tracker.wrote(`a/${name}`, 'a', {
        metadata: { name, namespace: 'a', labels: { app }, resourceVersion },
      }),
  };
}

test('what becomes of an object that has left the selection of a cache is not waited for, while other writes are', () => {
  const { caches, write, tracker } = setupSelective();
  write('x', 'web', '20');
  write('y', 'web', '30');
  caches.versions = { a: '25' };
  caches.changed();

  write('x', 'db', '40');
  tracker.deleting('a/x', 'a')?.succeeded('uid');

  expect(tracker.awaited('a/x')).toBeUndefined();
  expect(tracker.awaited()).toEqual({
    versions: [expect.objectContaining({ version: '30' })],
    uids: [],
  });
});

test('of several writes outside of a selection only the one that ends what the cache shows is waited for', () => {
  const { caches, write, tracker } = setupSelective();

  write('x', 'web', '20');
  write('x', 'db', '30');
  write('x', 'db', '40');
  caches.versions = { a: '30' };

  expect(tracker.awaited()).toBeUndefined();
});

function setup(): { caches: Caches; namespaces: NamespaceSet; tracker: CacheTracker } {
  const caches = new Caches();
  const namespaces = new NamespaceSet(['a', 'b']);
  const selection = { namespaces };
  const clock = new FakeClock();
  const tracker = new CacheTracker({ resource: 'pods', informer: caches, selection, clock });
  return { caches, namespaces, tracker };
}

function pod(namespace: string, resourceVersion: string): ObjectLike {
  return { metadata: { name: 'x', namespace, resourceVersion } };
}

describe('of a cache over several namespaces', () => {
  test('a write shows when its namespace has got there, however old the others are', () => {
    const { caches, tracker } = setup();
    tracker.wrote('a/x', 'a', pod('a', '20'));
    const before = [tracker.awaited('a/x'), tracker.awaited('b/x')?.versions];

    caches.versions['a'] = '20';

    expect(before).toEqual([
      { versions: [expect.objectContaining({ version: '20', scope: 'a' })], uids: [] },
      undefined,
    ]);
    expect([tracker.awaited('a/x'), tracker.awaited()]).toEqual([undefined, undefined]);
  });

  test('a write does not show because another namespace is newer', () => {
    const { caches, tracker } = setup();
    tracker.wrote('b/x', 'b', pod('b', '20'));

    caches.versions['a'] = '30';

    expect(tracker.awaited('b/x')?.versions).toMatchObject([{ version: '20', scope: 'b' }]);
    expect(tracker.awaited()?.versions).toHaveLength(1);
    expect(tracker.missing(tracker.awaited() ?? { versions: [], uids: [] })).toMatchObject({
      cacheVersion: '10',
      version: '20',
    });
  });

  test('a read of all waits for the writes in each of them', async () => {
    const { caches, tracker } = setup();
    tracker.wrote('a/x', 'a', pod('a', '20'));
    tracker.wrote('b/x', 'b', pod('b', '21'));
    const awaited = tracker.awaited();
    let isOver = false;
    const waited = tracker
      .wait(awaited ?? { versions: [], uids: [] }, new AbortController().signal)
      .then(() => (isOver = true));

    caches.versions['a'] = '30';
    caches.changed();
    await Promise.resolve();
    const between = isOver;
    caches.versions['b'] = '21';
    caches.changed();
    await waited;

    expect([awaited?.versions.length, between, isOver]).toEqual([2, false, true]);
  });

  test('what was written elsewhere, or in a namespace that went out meanwhile, is not waited for', () => {
    const { namespaces, tracker } = setup();
    tracker.wrote('c/x', 'c', pod('c', '20'));
    tracker.wrote('b/x', 'b', pod('b', '20'));

    namespaces.delete('b');

    expect([tracker.awaited('c/x'), tracker.awaited('b/x'), tracker.awaited()]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('a deletion in one of them is found by its own list, and not waited for when it went out', () => {
    const { caches, namespaces, tracker } = setup();
    for (const key of ['a/x', 'b/x']) tracker.deleting(key, key.slice(0, 1))?.succeeded(key);
    caches.versions['a'] = '20';
    caches.changed();
    const afterList = tracker.awaited();
    namespaces.delete('b');
    caches.changed();

    expect(afterList?.uids).toEqual(['b/x']);
    expect(tracker.awaited()).toBeUndefined();
  });
});
