import { connect } from 'node:net';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { CONFIG_MAPS, configMap, TestServer } from './harness.ts';

const WATCH = `${CONFIG_MAPS}?watch=true`;
const WATCH_LIST = `${WATCH}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;

describe('watch', () => {
  test('without a version it starts with the present state and goes on with changes', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a'));
    const watch = await server.watch(WATCH);

    await server.post(CONFIG_MAPS, configMap('b'));
    await server.patch(`${CONFIG_MAPS}/a`, { data: { a: '2' } });
    await server.delete(`${CONFIG_MAPS}/b`);

    expect(await watch.take(4)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b']);
  });

  test('from a version it sends the changes after it', async () => {
    const server = await TestServer.start();
    const first = (await server.post(CONFIG_MAPS, configMap('a'))).body;
    await server.post(CONFIG_MAPS, configMap('b'));

    const watch = await server.watch(`${WATCH}&resourceVersion=${first.metadata.resourceVersion}`);
    await server.post(CONFIG_MAPS, configMap('c'));

    expect(await watch.take(2)).toEqual(['ADDED b', 'ADDED c']);
  });

  test('a deletion is shown at its own version', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a'));
    const watch = await server.watch(`${WATCH}&resourceVersion=0`);

    await server.delete(`${CONFIG_MAPS}/a`);
    const event = await watch.until(({ type }) => type === 'DELETED');

    expect(event.object.metadata.resourceVersion).toBe(server.server.resourceVersion);
    expect(event.object.data).toEqual({ a: '1' });
  });

  test('an object that starts or stops to match is shown as ADDED or DELETED', async () => {
    const server = await TestServer.start();
    const watch = await server.watch(`${WATCH}&labelSelector=x%3D1`);
    const label = (x: string | null): unknown => ({ metadata: { labels: { x } } });

    await server.post(CONFIG_MAPS, configMap('a'));
    await server.patch(`${CONFIG_MAPS}/a`, label('1'));
    await server.patch(`${CONFIG_MAPS}/a`, { data: { a: '2' } });
    await server.patch(`${CONFIG_MAPS}/a`, label('2'));
    const seen = [await watch.next(), await watch.next(), await watch.next()];

    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(seen[2].object.metadata.labels).toEqual({ x: '1' });
    expect(seen[2].object.metadata.resourceVersion).toBe(server.server.resourceVersion);
  });

  test('one object is watched by its name', async () => {
    const server = await TestServer.start();
    const watch = await server.watch(`${WATCH}&fieldSelector=metadata.name%3Db`);

    await server.post(CONFIG_MAPS, configMap('a'));
    await server.post(CONFIG_MAPS, configMap('b'));

    expect(await watch.take(1)).toEqual(['ADDED b']);
  });

  test('a version older than the kept history is answered with 200 and a 410 in the stream', async () => {
    const server = await TestServer.start({ watchCacheSize: 4 });
    const start = server.server.resourceVersion;
    for (let count = 0; count < 20; count++) await server.post(CONFIG_MAPS, configMap(`a${count}`));

    const watch = await server.watch(`${WATCH}&resourceVersion=${start}`);
    const event = await watch.next();

    expect(watch.response.status).toBe(200);
    expect(event.type).toBe('ERROR');
    expect(event.object).toMatchObject({ code: 410, reason: 'Expired', status: 'Failure' });
    expect(event.object.message).toMatch(
      new RegExp(`^too old resource version: ${start} \\(\\d+\\)$`),
    );
    expect(await watch.next()).toBeUndefined();
  });

  test('a compaction makes older versions unknown, also of resources never written', async () => {
    const server = await TestServer.start();
    server.server.compact();

    const watch = await server.watch('/api/v1/pods?watch=true&resourceVersion=1');

    expect((await watch.next()).object.code).toBe(410);
  });
});

describe('bookmarks', () => {
  test('are sent at the interval to those who asked', async () => {
    const clock = new FakeClock();
    const server = await TestServer.start({ clock, bookmarkIntervalMs: 1000 });
    const watch = await server.watch(`${WATCH}&resourceVersion=0&allowWatchBookmarks=true`);
    await server.post('/api/v1/namespaces', { metadata: { name: 'elsewhere' } });

    clock.step(1000);
    const event = await watch.next();

    expect(event).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { resourceVersion: server.server.resourceVersion },
      },
    });
  });

  test('come two seconds before the end of a watch, which then ends in good order', async () => {
    const clock = new FakeClock();
    const server = await TestServer.start({ clock });
    const watch = await server.watch(
      `${WATCH}&resourceVersion=0&allowWatchBookmarks=true&timeoutSeconds=10`,
    );

    clock.step(8000);
    const bookmark = await watch.next();
    clock.step(2000);

    expect(bookmark.type).toBe('BOOKMARK');
    expect(await watch.next()).toBeUndefined();
    expect(server.server.openWatches).toBe(0);
  });
});

describe('watch list', () => {
  test('the present state ends with an annotated bookmark', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a'));

    const watch = await server.watch(WATCH_LIST);
    const [added, bookmark] = [await watch.next(), await watch.next()];

    expect(added.type).toBe('ADDED');
    expect(bookmark.type).toBe('BOOKMARK');
    expect(bookmark.object.metadata).toEqual({
      resourceVersion: server.server.resourceVersion,
      annotations: { 'k8s.io/initial-events-end': 'true' },
    });
  });

  test('needs the match NotOlderThan', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.get(`${WATCH}&sendInitialEvents=true`);

    expect(code).toBe(422);
    expect(body.message).toContain(
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  });

  test('can be switched off as by the feature gate', async () => {
    const server = await TestServer.start({ watchList: false });

    const { code, body } = await server.get(WATCH_LIST);

    expect(code).toBe(422);
    expect(body.details.causes[0].message).toBe(
      'Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
    );
  });

  test('a version of the future fails in the stream', async () => {
    const server = await TestServer.start({ futureVersionWaitMs: 0 });

    const watch = await server.watch(`${WATCH_LIST}&resourceVersion=100000`);
    const event = await watch.next();

    expect(event.type).toBe('ERROR');
    expect(event.object).toMatchObject({ code: 504, reason: 'Timeout' });
  });
});

describe('slow watchers', () => {
  test('one that does not read is cut off at the bound', async () => {
    const server = await TestServer.start({ maxWatchBufferBytes: 200_000 });
    const url = new URL(server.server.url);
    const socket = connect(Number(url.port), url.hostname);
    socket.on('error', () => {}); // the cut shows as a reset
    const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
    socket.write(`GET ${WATCH} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await new Promise<void>((resolve) => void socket.once('data', () => resolve()));
    socket.pause();
    await server.post(CONFIG_MAPS, configMap('a'));

    const big = 'x'.repeat(500_000);
    for (let count = 0; count < 60 && server.server.openWatches > 0; count++) {
      await server.patch(`${CONFIG_MAPS}/a`, { data: { big: `${big}${count}` } });
    }
    socket.resume();
    await closed;

    expect(server.server.openWatches).toBe(0);
  });
});
