import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { startControlPlaneOrSkip } from '../src/or-skip.ts';
import { call, countItems, presentVersion, watch } from './api.ts';
import type { Api } from './api.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const gone = { type: 'ERROR', object: { kind: 'Status', code: 410 } };

async function write(api: Api, name: string): Promise<void> {
  const answer = await call(api, 'POST', configMaps, { metadata: { name } });
  expect(answer.status).toBe(201);
}

test('after a restart the address and the data are the same, and a watch from before is gone', async (context) => {
  await using controlPlane = await startControlPlaneOrSkip(context, { controllers: [] });
  const { server, ca } = controlPlane;
  const old = await presentVersion(controlPlane);
  await write(controlPlane, 'a');
  await write(controlPlane, 'b');

  await controlPlane.restartApiServer();

  expect({ server, ca }).toEqual({ server: controlPlane.server, ca: controlPlane.ca });
  expect(await countItems(controlPlane, `${configMaps}?fieldSelector=metadata.name=a`)).toBe(1);
  const events = await watch(controlPlane, `${configMaps}?watch=true&resourceVersion=${old}`, 1);
  expect(events).toMatchObject([gone]);
});

test('compaction makes a watch from before gone where the watch cache is off', async (context) => {
  const apiServerArgs = ['--watch-cache=false'];
  await using controlPlane = await startControlPlaneOrSkip(context, {
    controllers: [],
    apiServerArgs,
  });
  const old = await presentVersion(controlPlane);
  await write(controlPlane, 'a');
  await write(controlPlane, 'b');

  const revision = await controlPlane.compact();

  expect(revision).toBeGreaterThan(Number(old));
  const events = await watch(controlPlane, `${configMaps}?watch=true&resourceVersion=${old}`, 1);
  expect(events).toMatchObject([gone]);
});

test('compaction with the watch cache on still replays', async (context) => {
  await using controlPlane = await startControlPlaneOrSkip(context, { controllers: [] });
  const old = await presentVersion(controlPlane);
  await write(controlPlane, 'a');
  await write(controlPlane, 'b');

  await controlPlane.compact();

  const events = await watch(controlPlane, `${configMaps}?watch=true&resourceVersion=${old}`, 2);
  expect(events).toMatchObject([
    { type: 'ADDED', object: { metadata: { name: 'a' } } },
    { type: 'ADDED', object: { metadata: { name: 'b' } } },
  ]);
});

test('compaction twice without a write between is no failure', async (context) => {
  await using controlPlane = await startControlPlaneOrSkip(context, { controllers: [] });

  await controlPlane.compact();

  await expect(controlPlane.compact()).resolves.toBeGreaterThan(0);
});

test('a feature gate that is off refuses a streaming list', async (context) => {
  const featureGates = { WatchList: false };
  await using controlPlane = await startControlPlaneOrSkip(context, {
    controllers: [],
    featureGates,
  });
  const query =
    'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';

  const answer = await call(controlPlane, 'GET', `${configMaps}?${query}`);

  expect(answer.status).toBe(422);
});

test('a frozen API server answers when it is woken', async (context) => {
  await using controlPlane = await startControlPlaneOrSkip(context, { controllers: [] });
  let answered = false;

  await controlPlane.kill('kube-apiserver', 'SIGSTOP');
  const answer = call(controlPlane, 'GET', '/readyz').finally(() => {
    answered = true;
  });
  await sleep(500);
  const answeredWhileFrozen = answered;
  await controlPlane.kill('kube-apiserver', 'SIGCONT');

  expect((await answer).status).toBe(200);
  expect(answeredWhileFrozen).toBe(false);
});

test('a crashed API server is gone at once, reported to nobody, and comes back by a restart', async (context) => {
  const errors: Error[] = [];
  const onError = (error: Error): number => errors.push(error);
  await using controlPlane = await startControlPlaneOrSkip(context, { controllers: [], onError });
  await write(controlPlane, 'a');

  await controlPlane.kill('kube-apiserver', 'SIGKILL');
  expect(controlPlane.pid('kube-apiserver')).toBeUndefined();
  await expect(call(controlPlane, 'GET', '/readyz')).rejects.toThrow('ECONNREFUSED');
  await controlPlane.restartApiServer();

  expect(await countItems(controlPlane, `${configMaps}?fieldSelector=metadata.name=a`)).toBe(1);
  expect(errors).toEqual([]);
});

test('the client certificate has the rights of the token', async (context) => {
  await using controlPlane = await startControlPlaneOrSkip(context, { controllers: [] });
  const { server, ca, clientCertificate: cert, clientKey: key } = controlPlane;

  const answer = await call({ server, ca, cert, key }, 'GET', '/api/v1/secrets');

  expect(answer.status).toBe(200);
});
