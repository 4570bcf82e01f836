import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configMaps, KubeClient } from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';
import { expect, test } from 'vitest';
import { until } from '../bad-input/strays.ts';

const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
const object = (version: string, labels: string): string =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","namespace":"a","resourceVersion":"${version}"` +
  `,"labels":${labels}},"deep":${deep}}`;
const manyLabels = JSON.stringify(
  Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`label-${index}`, 'v'])),
);

test('objects with fifty thousand levels and a hundred thousand labels are cached, frozen and handed out', async () => {
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    if (!url.includes('watch=')) {
      const items = object('1', '{}');
      response.end(
        `{"kind":"ConfigMapList","metadata":{"resourceVersion":"1"},"items":[${items}]}`,
      );
    } else if (url.includes('sendInitialEvents')) response.destroy();
    else response.write(`{"type":"MODIFIED","object":${object('2', manyLabels)}}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server on TCP that listens has such an address.
  const { port } = server.address() as AddressInfo;
  await using client = new KubeClient({ server: `http://127.0.0.1:${port}`, skipTLSVerify: true });
  const errors: unknown[] = [];
  const factory = new SharedInformerFactory(client, {
    freeze: true,
    reflector: { watchList: false },
    onError: (error) => void errors.push(error),
  });
  const informer = factory.informerFor(configMaps);
  const versions: (string | undefined)[] = [];
  informer.addEventHandler({
    add: (added) => void versions.push(added.metadata?.resourceVersion),
    update: (_, updated) => void versions.push(updated.metadata?.resourceVersion),
  });
  factory.start();

  try {
    await until('both states were handed out', () => versions.length >= 2);
    const cached = informer.indexer.getByKey('a/b');
    expect(versions).toEqual(['1', '2']);
    expect(Object.keys(cached?.metadata?.labels ?? {})).toHaveLength(100_000);
    expect(errors).toEqual([]);
  } finally {
    await factory.shutdown();
    server.close();
    server.closeAllConnections();
  }
});
