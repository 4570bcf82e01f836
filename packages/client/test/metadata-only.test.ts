import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { metadataOnly } from '../src/metadata-only.ts';
import type { Resource } from '../src/resource.ts';
import { pods } from '../src/resources-core.ts';
import { deployments } from '../src/resources-workloads.ts';
import {
  answerJson,
  startServer,
  type Script,
  type ScriptedServer,
} from '../testing/scripted-server.ts';

const single = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const many = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const form = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' };

let server: ScriptedServer;
let client: KubeClient;
let script: Script;

beforeAll(async () => {
  server = await startServer((request, response) => script(request, response));
  client = new KubeClient({ server: server.url, skipTLSVerify: true, protobuf: false });
});

beforeEach(() => {
  server.requests.length = 0;
  script = (_, response) => answerJson(response, { ...form, metadata: { name: 'web' } });
});

afterAll(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

function answerWith(value: unknown): void {
  script = (_, response) => answerJson(response, value);
}

/** Method, path and what was asked for, of each request. */
function seen(): string[] {
  return server.requests.map(
    ({ method, url, headers }) => `${method} ${url?.split('?')[0]} ${headers.accept}`,
  );
}

const web = '/apis/apps/v1/namespaces/shop/deployments/web';
const shop = () => client.resource(metadataOnly(deployments)).namespace('shop');

describe('metadataOnly', () => {
  test('is a resource with the path of the other one and a name of its own', () => {
    expect(metadataOnly(deployments)).toMatchObject({
      group: 'apps',
      plural: 'deployments',
      apiVersion: 'meta.k8s.io/v1',
      name: 'metadata of deployments.apps',
    });
  });

  test('of what is metadata only is the same', () => {
    const resource = metadataOnly(pods);

    expect(metadataOnly(resource)).toBe(resource);
  });

  test('of what is no resource is refused', () => {
    expect(() => metadataOnly('pods' as unknown as Resource<unknown>)).toThrow(
      new TypeError('Cannot read the metadata of "pods": make a resource with defineResource'),
    );
  });
});

describe('calls for metadata only', () => {
  test('ask for the metadata of one object in get, patch and delete', async () => {
    await shop().get('web');
    await shop().patch('web', { metadata: { labels: { a: 'b' } } }, { type: 'merge' });
    await shop().delete('web');

    expect(seen()).toEqual([
      `GET ${web} ${single}`,
      `PATCH ${web} ${single}`,
      `DELETE ${web} ${single}`,
    ]);
  });

  test('ask for a list of metadata in lists and deletions of many', async () => {
    answerWith({ apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadataList', items: null });

    await shop().list();
    await shop().deleteCollection();

    const path = '/apis/apps/v1/namespaces/shop/deployments';
    expect(seen()).toEqual([`GET ${path} ${many}`, `DELETE ${path} ${many}`]);
  });

  test('ask for the metadata of each object in watches', async () => {
    const event = { type: 'ADDED', object: { ...form, metadata: { name: 'web' } } };
    script = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(event)}\n`);
    };
    const names: (string | undefined)[] = [];

    for await (const { type, object } of shop().watch())
      if (type === 'ADDED') names.push(object.metadata?.name);

    expect(names).toEqual(['web']);
    expect(server.requests[0]?.headers.accept).toBe(single);
  });

  test('leave the scale as it is', async () => {
    answerWith({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: {} });

    await shop().getScale('web');

    expect(seen()).toEqual([`GET ${web}/scale application/json`]);
  });

  test('refuse a list of whole objects', async () => {
    answerWith({ apiVersion: 'apps/v1', kind: 'DeploymentList', metadata: {}, items: [] });

    await expect(shop().list()).rejects.toThrow(
      'Cannot read the list of metadata of deployments.apps: It is of kind "DeploymentList" although only metadata was asked for',
    );
  });

  test('refuse a whole object', async () => {
    answerWith({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } });

    await expect(shop().get('web')).rejects.toThrow('instead of PartialObjectMetadata');
  });

  test.each(['create', 'update', 'apply'] as const)('refuse to %s', async (verb) => {
    const object = { metadata: { name: 'web', namespace: 'shop' } };

    await expect(shop()[verb](object, { fieldManager: 'test' })).rejects.toThrow(
      new TypeError(
        `Cannot ${verb} metadata of deployments.apps: metadata is only a part of an object; patch it, or use the resource itself`,
      ),
    );
    expect(server.requests).toEqual([]);
  });
});
