import { ApiServer } from '@kubeloop/apiserver';
import { configMaps, KubeClient, metadataOnly } from '@kubeloop/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isDeleted, RetryWatcher, until } from '../src/index.ts';

let server: ApiServer;
let client: KubeClient;

beforeEach(async () => {
  server = new ApiServer();
  await server.start();
  client = new KubeClient({ server: server.url, skipTLSVerify: true });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

const maps = () => client.resource(configMaps).namespace('default');

/** Creates and deletes one. */
async function comesAndGoes(name: string): Promise<void> {
  await maps().create({ metadata: { name } });
  await maps().delete(name);
}

test('no change is missed over watches that the server ends', { timeout: 20_000 }, async () => {
  const { resourceVersion } = (await maps().list()).metadata;
  const listerWatcher = client.resource(metadataOnly(configMaps)).namespace('default');
  const seen: string[] = [];

  await comesAndGoes('a');
  for await (const { type, object } of new RetryWatcher({ listerWatcher, resourceVersion })) {
    seen.push(`${type} ${object.metadata?.name}`);
    if (seen.length === 2) {
      server.endWatches();
      await comesAndGoes('b');
    }
    if (seen.length === 4) break;
  }

  expect(seen).toEqual(['ADDED a', 'DELETED a', 'ADDED b', 'DELETED b']);
});

test('a version that the server has forgotten ends it', async () => {
  const { resourceVersion } = (await maps().list()).metadata;
  await comesAndGoes('a');
  server.compact();
  const watcher = new RetryWatcher({ listerWatcher: maps(), resourceVersion });

  await expect(until(watcher, [isDeleted])).rejects.toMatchObject({
    name: 'WatchStatusError',
    code: 410,
  });
});

test('a wait reads the watch of a client as well', async () => {
  const { resourceVersion } = (await maps().list()).metadata;
  await comesAndGoes('a');

  const event = await until(maps().watch({ resourceVersion }), [isDeleted], { timeoutMs: 10_000 });

  expect(event).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'a' } } });
});
