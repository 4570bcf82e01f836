import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isGone } from '../src/api-status-error.ts';
import { KubeClient } from '../src/kube-client.ts';
import { configMaps, namespaces, nodes, pods } from '../src/resources-core.ts';
import { clusterRoles } from '../src/resources-cluster.ts';
import { deployments } from '../src/resources-workloads.ts';
import {
  answerJson,
  answerStatus,
  startServer,
  type Script,
  type ScriptedServer,
} from '../testing/scripted-server.ts';

let server: ScriptedServer;
let client: KubeClient;
let script: Script;

beforeAll(async () => {
  server = await startServer((request, response) => script(request, response));
  client = new KubeClient({ server: server.url, skipTLSVerify: true });
});

beforeEach(() => {
  server.requests.length = 0;
  script = (_, response) => answerJson(response, { metadata: { name: 'answered' } });
});

afterAll(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

/** The one request that was made: method, path, query, content type and body. */
function seen(): object {
  expect(server.requests).toHaveLength(1);
  const [request] = server.requests;
  const url = new URL(request?.url ?? '', server.url);
  const query = Object.fromEntries(url.searchParams);
  return {
    call: `${request?.method} ${url.pathname}`,
    ...(Object.keys(query).length > 0 && { query }),
    ...(request?.headers['content-type'] && { type: request.headers['content-type'] }),
    ...(request?.body && { body: JSON.parse(request.body) as unknown }),
  };
}

const web = { metadata: { name: 'web', namespace: 'shop' } };
const webOnWire = { apiVersion: 'apps/v1', kind: 'Deployment', ...web };
const json = 'application/json';
const shop = () => client.resource(deployments).namespace('shop');

describe('paths, queries and bodies', () => {
  test('get of a namespaced object', async () => {
    expect(await shop().get('web', { resourceVersion: '0' })).toEqual({
      metadata: { name: 'answered' },
    });

    expect(seen()).toEqual({
      call: 'GET /apis/apps/v1/namespaces/shop/deployments/web',
      query: { resourceVersion: '0' },
    });
  });

  test('get of a cluster-scoped object whose name has characters that paths escape', async () => {
    await client.resource(clusterRoles).get('system:node');

    expect(seen()).toEqual({
      call: 'GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
    });
  });

  test('create takes the namespace of the object and adds kind and apiVersion', async () => {
    await client.resource(deployments).create(web, {
      dryRun: true,
      fieldManager: 'me',
      fieldValidation: 'Strict',
    });

    expect(seen()).toEqual({
      call: 'POST /apis/apps/v1/namespaces/shop/deployments',
      query: { dryRun: 'All', fieldManager: 'me', fieldValidation: 'Strict' },
      type: json,
      body: webOnWire,
    });
  });

  test('create takes the chosen namespace when the object has none, and a generated name', async () => {
    await shop().create({ metadata: { generateName: 'web-' } });

    expect(seen()).toMatchObject({ call: 'POST /apis/apps/v1/namespaces/shop/deployments' });
  });

  test('update replaces the object by name', async () => {
    await client.resource(deployments).update(web);

    expect(seen()).toEqual({
      call: 'PUT /apis/apps/v1/namespaces/shop/deployments/web',
      type: json,
      body: webOnWire,
    });
  });

  test('updateStatus goes to the status', async () => {
    await client.resource(deployments).updateStatus(web);

    expect(seen()).toMatchObject({
      call: 'PUT /apis/apps/v1/namespaces/shop/deployments/web/status',
    });
  });

  test.each([
    ['json', 'application/json-patch+json', [{ op: 'remove', path: '/spec' }]],
    ['merge', 'application/merge-patch+json', { spec: null }],
    ['strategic', 'application/strategic-merge-patch+json', { spec: {} }],
  ] as const)('a %s patch has the content type %s', async (type, contentType, patch) => {
    await shop().patch('web', patch, { type, fieldManager: 'me' });

    expect(seen()).toEqual({
      call: 'PATCH /apis/apps/v1/namespaces/shop/deployments/web',
      query: { fieldManager: 'me' },
      type: contentType,
      body: patch,
    });
  });

  test('patchStatus goes to the status', async () => {
    await shop().patchStatus('web', {}, { type: 'merge' });

    expect(seen()).toMatchObject({
      call: 'PATCH /apis/apps/v1/namespaces/shop/deployments/web/status',
      type: 'application/merge-patch+json',
    });
  });

  test('apply names its field manager and can force', async () => {
    await client.resource(deployments).apply(web, { fieldManager: 'me', force: true });

    expect(seen()).toEqual({
      call: 'PATCH /apis/apps/v1/namespaces/shop/deployments/web',
      query: { fieldManager: 'me', force: 'true' },
      type: 'application/apply-patch+yaml',
      body: webOnWire,
    });
  });

  test('applyStatus goes to the status', async () => {
    await client.resource(deployments).applyStatus(web, { fieldManager: 'me' });

    expect(seen()).toMatchObject({
      call: 'PATCH /apis/apps/v1/namespaces/shop/deployments/web/status',
      type: 'application/apply-patch+yaml',
    });
  });

  test('delete sends its options in the body', async () => {
    await shop().delete('web', {
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'u', resourceVersion: '3' },
      gracePeriodSeconds: 0,
      dryRun: true,
    });

    expect(seen()).toEqual({
      call: 'DELETE /apis/apps/v1/namespaces/shop/deployments/web',
      type: json,
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Foreground',
        preconditions: { uid: 'u', resourceVersion: '3' },
        gracePeriodSeconds: 0,
        dryRun: ['All'],
      },
    });
  });

  test('deleteCollection sends selectors in the query and options in the body', async () => {
    script = (_, response) => answerJson(response, { items: [] });

    await shop().deleteCollection({ labelSelector: 'a=b', propagationPolicy: 'Orphan' });

    expect(seen()).toMatchObject({
      call: 'DELETE /apis/apps/v1/namespaces/shop/deployments',
      query: { labelSelector: 'a=b' },
      body: { propagationPolicy: 'Orphan' },
    });
  });

  test('the scale is read, replaced and patched', async () => {
    const path = '/apis/apps/v1/namespaces/shop/deployments/web/scale';

    await shop().getScale('web');
    await shop().updateScale('web', { spec: { replicas: 3 } });
    await shop().patchScale('web', { spec: { replicas: 3 } }, { type: 'merge' });

    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${path}`,
      `PUT ${path}`,
      `PATCH ${path}`,
    ]);
    expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      spec: { replicas: 3 },
    });
  });
});

describe('mistakes are refused before anything is sent', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    [
      'get without a namespace',
      () => client.resource(pods).get('a'),
      'Cannot get pods "a": pods live in namespaces, choose one with namespace(name)',
    ],
    [
      'delete without a namespace',
      () => client.resource(pods).delete('a'),
      'Cannot delete pods "a": pods live in namespaces',
    ],
    [
      'create without a namespace anywhere',
      () => client.resource(pods).create({ metadata: { name: 'a' } }),
      'Cannot create pods "a": pods live in namespaces',
    ],
    [
      'deleteCollection without a namespace',
      () => client.resource(pods).deleteCollection(),
      'Cannot delete all pods: pods live in namespaces',
    ],
    [
      'an object of another namespace',
      () => client.resource(deployments).namespace('other').update(web),
      'Cannot update deployments.apps: the object has namespace "shop", but "other" is chosen',
    ],
    [
      'a cluster-scoped object with a namespace',
      () => client.resource(nodes).create(web),
      'Cannot create nodes: the object has namespace "shop", but nodes are cluster-scoped',
    ],
    [
      'an object of another kind',
      () => client.resource(configMaps).create({ kind: 'Secret', ...web }),
      'Cannot create configmaps: the object is of kind "Secret", not "ConfigMap"',
    ],
    [
      'an object of another version',
      () => client.resource(deployments).create({ apiVersion: 'apps/v1beta1', ...web }),
      'Cannot create deployments.apps: the object has apiVersion "apps/v1beta1", not "apps/v1"',
    ],
    [
      'an object without a name',
      () => shop().update({ metadata: { generateName: 'a' } }),
      'Cannot update deployments.apps: the object has no metadata.name',
    ],
    ['an empty name', () => shop().get(''), 'Cannot use "" as name'],
    ['a name that leaves its path', () => shop().get('../a'), 'Cannot use "../a" as name'],
    ['a name that is a dot', () => shop().get('..'), 'Cannot use ".." as name'],
    [
      'a selector that is no text',
      // Wrong on purpose: selectors are texts.
      () => shop().list({ labelSelector: { app: 'web' } as unknown as string }),
      'Cannot use a value of type object as labelSelector',
    ],
    [
      'a selector that is null',
      () => shop().deleteCollection({ fieldSelector: null as unknown as string }),
      'Cannot use null as fieldSelector',
    ],
    [
      'a number that JSON does not have',
      () => client.resource(deployments).create({ ...web, spec: 1n } as unknown as typeof web),
      'Cannot create deployments.apps "web" in namespace "shop": it cannot be made JSON: ',
    ],
    [
      'a patch that is none',
      () => shop().patch('a', undefined, { type: 'merge' }),
      'Cannot patch deployments.apps: the patch is no object',
    ],
    ['a negative limit', () => shop().list({ limit: -1 }), 'Cannot use -1 as limit'],
    ['a fraction', () => shop().list({ timeoutSeconds: 0.5 }), 'Cannot use 0.5 as timeoutSeconds'],
    [
      'a JSON patch that is an object',
      () => shop().patch('a', {}, { type: 'json' }),
      'a JSON patch is an array of operations',
    ],
    [
      'a patch without a type',
      () => shop().patch('a', {}, {} as { type: 'json' }),
      'type is undefined, not "json", "merge" or "strategic"',
    ],
    [
      'apply without a field manager',
      () => shop().apply(web, { fieldManager: '' }),
      'Cannot apply deployments.apps: option "fieldManager" is required',
    ],
  ])('%s', async (_, call, message) => {
    await expect(call()).rejects.toThrow(message);
    expect(server.requests).toHaveLength(0);
  });

  test('something that is no resource', () => {
    // Wrong on purpose: the name instead of the descriptor.
    expect(() => client.resource('pods' as unknown as typeof pods)).toThrow(
      'Cannot use "pods" as a resource: make one with defineResource',
    );
  });

  test('choosing a namespace for a cluster-scoped resource', () => {
    expect(() => client.resource(namespaces).namespace('a')).toThrow(
      'Cannot choose namespace "a": namespaces are cluster-scoped',
    );
    expect(() => client.resource(pods).namespace('')).toThrow('Cannot use "" as namespace');
  });
});

describe('list', () => {
  test('a page is asked for with everything that was given', async () => {
    script = (_, response) => answerJson(response, { items: [] });

    await client.resource(pods).list({
      labelSelector: 'a=b',
      fieldSelector: 'spec.nodeName=c',
      limit: 5,
      continue: 'token',
      resourceVersion: '9',
      resourceVersionMatch: 'Exact',
      timeoutSeconds: 3,
    });

    expect(seen()).toEqual({
      call: 'GET /api/v1/pods',
      query: {
        labelSelector: 'a=b',
        fieldSelector: 'spec.nodeName=c',
        limit: '5',
        continue: 'token',
        resourceVersion: '9',
        resourceVersionMatch: 'Exact',
        timeoutSeconds: '3',
      },
    });
  });

  test('a compressed list is understood', async () => {
    const list = { metadata: { resourceVersion: '1' }, items: [{ metadata: { name: 'ü' } }] };
    script = ({ headers }, response) => {
      expect(headers['accept-encoding']).toBe('gzip');
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(JSON.stringify(list)));
    };

    const { items } = await client.resource(pods).list();

    expect(items).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ü' } }]);
  });

  test('with gzip off no compression is asked for', async () => {
    script = (_, response) => answerJson(response, { items: [] });
    await using plain = new KubeClient({ server: server.url, skipTLSVerify: true, gzip: false });

    await plain.resource(pods).list();

    expect(server.requests[0]?.headers['accept-encoding']).toBeUndefined();
  });

  test('a compressed list that is cut off is refused', async () => {
    const bytes = gzipSync(JSON.stringify({ items: [{}, {}] }));
    script = (_, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(bytes.subarray(0, bytes.length - 12));

    await expect(client.resource(pods).list()).rejects.toThrow('unexpected end of file');
  });
});

describe('listAll', () => {
  const page = (items: string[], next?: string): object => ({
    metadata: { resourceVersion: '5', ...(next && { continue: next }) },
    items: items.map((name) => ({ metadata: { name } })),
  });

  async function names(options: object = {}): Promise<(string | undefined)[]> {
    const all: (string | undefined)[] = [];
    for await (const pod of client.resource(pods).listAll(options)) all.push(pod.metadata?.name);
    return all;
  }

  test('every object of every page comes once and in order', async () => {
    const pages = [page(['a', 'b'], 'one'), page([], 'two'), page(['c'])];
    script = (_, response) => answerJson(response, pages[server.requests.length - 1]);

    expect(await names({ resourceVersion: '0', labelSelector: 'x=y' })).toEqual(['a', 'b', 'c']);

    const queries = server.requests.map(({ url }) => url.split('?')[1]);
    expect(queries).toEqual([
      'labelSelector=x%3Dy&resourceVersion=0&limit=500',
      'labelSelector=x%3Dy&limit=500&continue=one',
      'labelSelector=x%3Dy&limit=500&continue=two',
    ]);
  });

  test('the next page is not asked for before the one before has been taken', async () => {
    script = (_, response) => answerJson(response, page(['a'], 'more'));

    for await (const _ of client.resource(pods).listAll()) break;

    expect(server.requests).toHaveLength(1);
  });

  test('a continue token that expired is an error that isGone recognises', async () => {
    script = (_, response) =>
      server.requests.length === 1
        ? answerJson(response, page(['a'], 'old'))
        : answerStatus(response, { code: 410, reason: 'Expired', message: 'too old' });

    const error: unknown = await names().catch((thrown: unknown) => thrown);

    expect(isGone(error)).toBe(true);
    expect((error as Error).message).toBe('Cannot list pods: too old (410 Expired)');
  });

  test('a server that gives the same token twice is refused', async () => {
    script = (_, response) => answerJson(response, page(['a'], 'same'));

    await expect(names()).rejects.toThrow('gave the same continue token twice');
    expect(server.requests).toHaveLength(2);
  });

  test('a server that gives pages without items for ever is refused after a thousand', async () => {
    script = (_, response) => answerJson(response, page([], `token-${server.requests.length}`));

    await expect(names()).rejects.toThrow(
      /^Cannot list pods: server https?:\S+ gave 1000 pages in a row without an item/,
    );
    expect(server.requests).toHaveLength(1000);
  });

  test('a continue token that no server makes is refused', async () => {
    script = (_, response) => answerJson(response, page(['a'], 't'.repeat(20_000)));

    await expect(names()).rejects.toThrow('gave a continue token of 20000 characters');
  });
});
