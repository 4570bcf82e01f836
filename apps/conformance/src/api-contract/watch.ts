import { describe, expect, test } from 'vitest';

import { versionOf, type KubeObject } from '../answer.ts';
import { configMap } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';
import { shortly, type RawEvent } from '../watch-stream.ts';
import { watchRefusalsContract } from './watch-refusals.ts';

const red = { color: 'red' };
const blue = { color: 'blue' };
/** Bookmarks come in the last seconds of a watch of 6 s. */
const slow = { timeout: 15_000 };
const initialEvents =
  'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';

async function presentVersion(api: ApiTarget, space: Space): Promise<string> {
  return (await api.get(space.configMaps)).list.metadata.resourceVersion;
}

async function make(
  api: ApiTarget,
  space: Space,
  name: string,
  labels: Readonly<Record<string, string>> = red,
): Promise<KubeObject> {
  return (await api.post(space.configMaps, configMap(name, {}, { labels }))).object;
}

function isEndOfInitialEvents({ type, object }: RawEvent): boolean {
  return (
    type === 'BOOKMARK' && object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true'
  );
}

function eventsContract(target: () => ApiTarget): void {
  test('a watch from a version sends every later change in order, with kind and apiVersion', async () => {
    await using space = await Space.create(target());
    const from = await presentVersion(target(), space);
    await make(target(), space, 'a');
    await target().patch(`${space.configMaps}/a`, 'merge', { data: { x: '1' } });
    await target().delete(`${space.configMaps}/a`);

    await using watch = await target().watch(
      `${space.configMaps}?watch=true&resourceVersion=${from}&labelSelector=color`,
    );
    const events = await watch.take(3);

    expect(watch.code).toBe(200);
    expect(watch.headers['content-type']).toBe('application/json');
    expect(watch.headers['transfer-encoding']).toBe('chunked');
    expect(events.map(shortly)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    for (const { object } of events)
      expect(object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
  });

  test('each event has its own version, and that of a deletion is newer than the last write', async () => {
    await using space = await Space.create(target());
    const from = await presentVersion(target(), space);
    const created = await make(target(), space, 'a');
    await target().delete(`${space.configMaps}/a`);

    await using watch = await target().watch(
      `${space.configMaps}?watch=true&resourceVersion=${from}&labelSelector=color`,
    );
    const [added, deleted] = await watch.take(2);

    expect(added?.object).toEqual(created);
    expect(deleted?.object.metadata.uid).toBe(created.metadata.uid);
    expect(BigInt(deleted?.object.metadata.resourceVersion ?? '0')).toBeGreaterThan(
      BigInt(versionOf(created)),
    );
  });

  test('a watch does not repeat the change of its own version', async () => {
    await using space = await Space.create(target());
    const first = await make(target(), space, 'a');
    await make(target(), space, 'b');

    await using watch = await target().watch(
      `${space.configMaps}?watch=true&resourceVersion=${versionOf(first)}&labelSelector=color`,
    );

    expect((await watch.take(1)).map(shortly)).toEqual(['ADDED b']);
  });

  test.each(['', '&resourceVersion=', '&resourceVersion=0'])(
    'a watch with "%s" begins with what exists, as ADDED',
    async (version) => {
      await using space = await Space.create(target());
      await make(target(), space, 'a');
      await make(target(), space, 'b');

      await using watch = await target().watch(
        `${space.configMaps}?watch=true&labelSelector=color${version}`,
      );
      const initial = await watch.take(2);
      await target().delete(`${space.configMaps}/a`);

      expect(initial.map(shortly).sort()).toEqual(['ADDED a', 'ADDED b']);
      expect((await watch.take(1)).map(shortly)).toEqual(['DELETED a']);
    },
  );

  test('a change that stores nothing new sends no event', async () => {
    await using space = await Space.create(target());
    const created = await make(target(), space, 'a');
    await using watch = await target().watch(
      `${space.configMaps}?watch=true&resourceVersion=${versionOf(created)}&labelSelector=color`,
    );

    await target().put(`${space.configMaps}/a`, created);
    await make(target(), space, 'b');

    expect((await watch.take(1)).map(shortly)).toEqual(['ADDED b']);
  });

  test('a watch of all namespaces sees each of them', async () => {
    await using one = await Space.create(target());
    await using two = await Space.create(target());
    const from = await presentVersion(target(), one);
    const labels = { across: one.name };

    await using watch = await target().watch(
      `/api/v1/configmaps?watch=true&resourceVersion=${from}&labelSelector=across%3D${one.name}`,
    );
    await make(target(), one, 'a', labels);
    await make(target(), two, 'b', labels);

    expect((await watch.take(2)).map(shortly)).toEqual(['ADDED a', 'ADDED b']);
  });

  test('the server ends a watch after timeoutSeconds, without an event', async () => {
    await using space = await Space.create(target());
    const from = await presentVersion(target(), space);
    const path = `${space.configMaps}?watch=true&resourceVersion=${from}&timeoutSeconds=1&labelSelector=none`;
    const before = performance.now();

    await using watch = await target().watch(path);
    const events = await watch.rest();

    expect(events).toEqual([]);
    expect(performance.now() - before).toBeGreaterThan(900);
  });

  test('a watch from a version of the future is open and silent', async () => {
    await using space = await Space.create(target());
    const path = `${space.configMaps}?watch=true&resourceVersion=999999999&timeoutSeconds=1`;

    await using watch = await target().watch(path);
    await make(target(), space, 'a');

    expect(watch.code).toBe(200);
    expect(await watch.rest()).toEqual([]);
  });
}

function transitionsContract(target: () => ApiTarget): void {
  test('an object that comes to fit a label selector is ADDED, and one that ceases is DELETED', async () => {
    await using space = await Space.create(target());
    const from = await presentVersion(target(), space);
    await using watch = await target().watch(
      `${space.configMaps}?watch=true&resourceVersion=${from}&labelSelector=color%3Dred`,
    );

    await make(target(), space, 'a', blue);
    await target().patch(`${space.configMaps}/a`, 'merge', { metadata: { labels: red } });
    await target().patch(`${space.configMaps}/a`, 'merge', { data: { x: '1' } });
    const last = await target().patch(`${space.configMaps}/a`, 'merge', {
      metadata: { labels: blue },
    });
    const events = await watch.take(3);

    expect(events.map(shortly)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    const { metadata } = events[2]?.object ?? last.object;
    expect(metadata.labels).toEqual(red);
    expect(metadata.resourceVersion).toBe(versionOf(last.object));
  });

  test('a deletion of what does not fit is not sent', async () => {
    await using space = await Space.create(target());
    const from = await presentVersion(target(), space);
    await using watch = await target().watch(
      `${space.configMaps}?watch=true&resourceVersion=${from}&labelSelector=color%3Dred`,
    );

    await make(target(), space, 'a', blue);
    await target().delete(`${space.configMaps}/a`);
    await make(target(), space, 'b');

    expect((await watch.take(1)).map(shortly)).toEqual(['ADDED b']);
  });

  test('a field selector by name watches one object', async () => {
    await using space = await Space.create(target());
    const from = await presentVersion(target(), space);
    await using watch = await target().watch(
      `${space.configMaps}?watch=true&resourceVersion=${from}&fieldSelector=metadata.name%3Db`,
    );

    await make(target(), space, 'a');
    await make(target(), space, 'b');
    await target().delete(`${space.configMaps}/a`);
    await target().delete(`${space.configMaps}/b`);

    expect((await watch.take(2)).map(shortly)).toEqual(['ADDED b', 'DELETED b']);
  });
}

function bookmarksContract(target: () => ApiTarget): void {
  test(
    'a watch that asks for bookmarks gets one before its end, with nothing but a version',
    slow,
    async () => {
      await using space = await Space.create(target());
      const from = await presentVersion(target(), space);
      const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=6&labelSelector=none&resourceVersion=${from}`;
      await using watch = await target().watch(`${space.configMaps}?${query}`);
      const created = await make(target(), space, 'a');

      const events = await watch.rest();

      expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['BOOKMARK']));
      const object = events.at(-1)?.object ?? created;
      expect(object).toEqual({
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { resourceVersion: expect.stringMatching(/^[1-9]\d*$/) },
      });
      expect(BigInt(versionOf(object))).toBeGreaterThanOrEqual(BigInt(versionOf(created)));
    },
  );

  test('a watch that does not ask for bookmarks gets none', slow, async () => {
    await using space = await Space.create(target());
    const from = await presentVersion(target(), space);
    const query = `watch=true&timeoutSeconds=6&labelSelector=none&resourceVersion=${from}`;

    await using watch = await target().watch(`${space.configMaps}?${query}`);

    expect(await watch.rest()).toEqual([]);
  });
}

function initialEventsContract(target: () => ApiTarget): void {
  test.each(['', '&resourceVersion=', '&resourceVersion=0'])(
    'initial events with "%s" end with a marked bookmark, and changes follow',
    async (version) => {
      await using space = await Space.create(target());
      await make(target(), space, 'a');
      const last = await make(target(), space, 'b');

      await using watch = await target().watch(
        `${space.configMaps}?${initialEvents}&labelSelector=color${version}`,
      );
      const initial = await watch.takeUntil(isEndOfInitialEvents);
      await make(target(), space, 'c');
      const [next] = await watch.take(1);

      const bookmark = initial.pop();
      expect(initial.map(shortly).sort()).toEqual(['ADDED a', 'ADDED b']);
      expect(bookmark?.object).toEqual({
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          resourceVersion: expect.stringMatching(/^[1-9]\d*$/),
          annotations: { 'k8s.io/initial-events-end': 'true' },
        },
      });
      expect(BigInt(bookmark?.object.metadata.resourceVersion ?? '0')).toBeGreaterThanOrEqual(
        BigInt(versionOf(last)),
      );
      expect(next && shortly(next)).toBe('ADDED c');
    },
  );

  test('initial events from a version show the present and not what was changed since', async () => {
    await using space = await Space.create(target());
    const first = await make(target(), space, 'a');
    await make(target(), space, 'b');
    await target().delete(`${space.configMaps}/a`);
    // The version asks for no more than itself, and the cache that answers may be behind the deletion.
    const { resourceVersion: present } = (await target().get(space.configMaps)).list.metadata;
    await target().get(
      `${space.configMaps}?resourceVersion=${present}&resourceVersionMatch=NotOlderThan`,
    );

    await using watch = await target().watch(
      `${space.configMaps}?${initialEvents}&labelSelector=color&resourceVersion=${versionOf(first)}`,
    );
    const events = await watch.takeUntil(isEndOfInitialEvents);

    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
    expect(events[0] && shortly(events[0])).toBe('ADDED b');
  });

  test('initial events of nothing are the bookmark alone', async () => {
    await using space = await Space.create(target());

    await using watch = await target().watch(
      `${space.configMaps}?${initialEvents}&labelSelector=none`,
    );
    const [event] = await watch.take(1);

    expect(event && isEndOfInitialEvents(event)).toBe(true);
  });

  test('without initial events a watch goes on from its version', async () => {
    await using space = await Space.create(target());
    const first = await make(target(), space, 'a');
    await make(target(), space, 'b');

    const query = initialEvents.replace('sendInitialEvents=true', 'sendInitialEvents=false');
    await using watch = await target().watch(
      `${space.configMaps}?${query}&labelSelector=color&resourceVersion=${versionOf(first)}`,
    );

    expect((await watch.take(1)).map(shortly)).toEqual(['ADDED b']);
  });
}

export function watchContract(target: () => ApiTarget): void {
  describe('watches', () => {
    eventsContract(target);
  });
  describe('watches with selectors', () => {
    transitionsContract(target);
  });
  describe('bookmarks', () => {
    bookmarksContract(target);
  });
  describe('initial events', () => {
    initialEventsContract(target);
  });
  describe('watches that are refused', () => {
    watchRefusalsContract(target);
  });
}
