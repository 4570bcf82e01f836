import { describe, expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { configMaps } from '../src/resources-core.ts';
import { field, frame, unknown } from '../testing/protobuf-bytes.ts';
import { answerJson, startServer } from '../testing/scripted-server.ts';

const managedFields = [{ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:data': {} } }];
const item = { metadata: { name: 'a', managedFields }, data: { a: '1' } };
const event = { type: 'ADDED', object: { kind: 'ConfigMap', apiVersion: 'v1', ...item } };

describe('objects in JSON', () => {
  test('of a list go without managedFields when that is asked for, and with them by default', async () => {
    await using server = await startServer((_, response) =>
      answerJson(response, { kind: 'ConfigMapList', metadata: {}, items: [item] }),
    );
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const resource = client.resource(configMaps);

    const [bare] = (await resource.list({ omitManagedFields: true })).items;
    const [whole] = (await resource.list()).items;

    expect(bare).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { a: '1' },
    });
    expect(whole?.metadata).toEqual(item.metadata);
  });

  test('of a watch go without managedFields when that is asked for, and with them by default', async () => {
    await using server = await startServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(`${JSON.stringify(event)}\n`);
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const seen: unknown[] = [];

    for (const omitManagedFields of [true, false])
      for await (const { object } of client.resource(configMaps).watch({ omitManagedFields }))
        seen.push(object);

    expect(seen).toEqual([{ ...event.object, metadata: { name: 'a' } }, event.object]);
  });
});

describe('objects in protobuf', () => {
  const type = 'application/vnd.kubernetes.protobuf';
  const managed = field(17, field(1, 'kubectl'), field(2, 'Update'));
  const bytes = field(1, field(1, 'a'), managed);
  const kept = { name: 'a', managedFields: [{ manager: 'kubectl', operation: 'Update' }] };

  test('of a list go without managedFields when that is asked for, and with them by default', async () => {
    const list = unknown('v1', 'ConfigMapList', field(1), field(2, bytes));
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': type });
      response.end(list);
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const resource = client.resource(configMaps);

    const [bare] = (await resource.list({ omitManagedFields: true })).items;
    const [whole] = (await resource.list()).items;

    expect(bare?.metadata).toMatchObject({ name: 'a' });
    expect(bare?.metadata).not.toHaveProperty('managedFields');
    expect(whole?.metadata).toMatchObject(kept);
  });

  test('of a watch go without managedFields when that is asked for, and with them by default', async () => {
    const added = frame('ADDED', unknown('v1', 'ConfigMap', bytes));
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': `${type};stream=watch` });
      response.end(added);
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const seen: unknown[] = [];

    for (const omitManagedFields of [true, false])
      for await (const { object } of client.resource(configMaps).watch({ omitManagedFields }))
        seen.push(Reflect.get(object, 'metadata'));

    expect(seen[0]).not.toHaveProperty('managedFields');
    expect(seen[1]).toMatchObject(kept);
  });
});
