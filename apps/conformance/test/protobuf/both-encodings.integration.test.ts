import { isDeepStrictEqual } from 'node:util';
import { defineResource, KubeClient, metadataOnly, type Resource } from '@kubeloop/client';
import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { manyKinds } from '../../src/protobuf/many-kinds.ts';
import { until } from '../../src/until.ts';

/** What objects that come in protobuf have. */
const lazy = Symbol.for('@kubeloop/lazy');

interface Discovered {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

interface Setting {
  readonly json: KubeClient;
  readonly protobuf: KubeClient;
  readonly namespace: string;
}

async function start(context: TestContext): Promise<Setting> {
  const { server, ca, token } = sharedControlPlaneOrSkip(context);
  const json = new KubeClient({ server, ca, token, protobuf: false });
  const protobuf = new KubeClient({ server, ca, token, protobuf: true });
  const { metadata } = await json.request<{ metadata: { name: string } }>('/api/v1/namespaces', {
    method: 'POST',
    body: { metadata: { generateName: 'protobuf-' } },
  });
  const namespace = metadata.name;
  onTestFinished(async () => {
    await json.request(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
    await json.close();
    await protobuf.close();
  });
  return { json, protobuf, namespace };
}

/** Everything that the server says can be listed. */
async function resources(client: KubeClient): Promise<readonly Resource<object>[]> {
  const { groups } = await client.request<{
    groups: { versions: { groupVersion: string }[] }[];
  }>('/apis');
  const versions = groups.flatMap((group) => group.versions.map((each) => each.groupVersion));
  const all = ['v1', ...versions].map(async (groupVersion) => {
    const path = groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`;
    const list = await client.request<{ resources: Discovered[] }>(path);
    const [version = '', group = ''] = groupVersion.split('/').toReversed();
    return list.resources
      .filter(({ name, verbs }) => verbs.includes('list') && !name.includes('/'))
      .map(({ name: plural, kind, namespaced }) =>
        defineResource<object>({ group, version, plural, kind, namespaced }),
      );
  });
  return (await Promise.all(all)).flat();
}

async function create({ json, namespace }: Setting): Promise<void> {
  for (const { path, body, status } of manyKinds(namespace)) {
    // What is cluster-wide goes with the namespace, by name.
    const made = await json.request<{ metadata: { name: string } }>(path, {
      method: 'POST',
      body,
    });
    if (!path.includes('/namespaces/'))
      onTestFinished(async () => {
        // Only the last of several clients is open when tests end, so this may come too late for a kind that goes by itself.
        await json
          .request(`${path}/${made.metadata.name}`, { method: 'DELETE' })
          .catch(() => undefined);
      });
    if (status)
      await json.request(`${path}/${made.metadata.name}/status`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { status },
      });
  }
}

describe('a real control plane', () => {
  test('lists of every resource are the same in both encodings', async (context) => {
    const setting = await start(context);
    await create(setting);
    const compared: string[] = [];
    const inProtobuf: string[] = [];

    for (const resource of await resources(setting.json)) {
      // Other tests change things meanwhile: two lists of one version are compared.
      const count = await until(
        `both lists of ${resource.name}/${resource.version} are the same`,
        async () => {
          const want = await setting.json.resource(resource).list();
          const got = await setting.protobuf.resource(resource).list();
          if (!isDeepStrictEqual(structuredClone(got), want)) return undefined;
          if (got.items.some((item) => lazy in item)) inProtobuf.push(resource.name);
          return want.items.length;
        },
        20_000,
      );
      compared.push(`${resource.name}/${resource.version} ${count}`);
    }

    expect(compared.length).toBeGreaterThan(50);
    expect(compared.filter((each) => !each.endsWith(' 0')).length).toBeGreaterThan(30);
    expect(inProtobuf.length).toBeGreaterThan(30);
  }, 120_000);

  test('objects, pages and metadata alone are the same in both encodings', async (context) => {
    const setting = await start(context);
    await create(setting);
    const { json, protobuf, namespace } = setting;
    const maps = defineResource<{ metadata: { name: string } }>({
      group: '',
      version: 'v1',
      plural: 'configmaps',
      kind: 'ConfigMap',
      namespaced: true,
    });
    const read = async (client: KubeClient): Promise<unknown> => {
      const here = client.resource(maps).namespace(namespace);
      const pages = [];
      for await (const each of here.listAll({ limit: 1 })) pages.push(each);
      const metadata = client.resource(metadataOnly(maps)).namespace(namespace);
      return structuredClone({
        one: await here.get('everything'),
        pages,
        metadata: await metadata.list(),
        first: await metadata.get('everything'),
        failure: await here.get('missing').catch((error: unknown) => String(error)),
      });
    };

    // The controllers add a ConfigMap of theirs at some moment.
    await until(
      'both encodings are the same',
      async () => isDeepStrictEqual(await read(protobuf), await read(json)) || undefined,
      10_000,
    ).catch(() => undefined);

    expect(await read(protobuf)).toEqual(await read(json));
  });

  test('watches of all kinds tell the same in both encodings, the initial events and their end included', async (context) => {
    const setting = await start(context);
    await create(setting);
    const { json, protobuf, namespace } = setting;
    const told = async (client: KubeClient, resource: Resource<object>): Promise<unknown[]> => {
      const events: unknown[] = [];
      const target = client.resource(resource);
      const watch = (resource.namespaced ? target.namespace(namespace) : target).watch({
        sendInitialEvents: true,
        resourceVersionMatch: 'NotOlderThan',
        allowWatchBookmarks: true,
      });
      for await (const event of watch) {
        events.push(structuredClone(event));
        if (event.type === 'BOOKMARK') return events;
      }
      return events;
    };

    const watchable = (await resources(json)).filter(
      ({ name }) => !/componentstatuses|^events|leases/.test(name),
    );
    for (const resource of watchable)
      await until(
        `both watches of ${resource.name}/${resource.version} tell the same`,
        async () =>
          isDeepStrictEqual(
            (await told(protobuf, resource)).map(withoutVersion),
            (await told(json, resource)).map(withoutVersion),
          ) || undefined,
        20_000,
      );

    expect(watchable.length).toBeGreaterThan(40);
  }, 180_000);

  test('a watch from a version that is gone tells of it by an event whose Status is read', async (context) => {
    const { protobuf, json } = await start(context);
    const maps = defineResource<object>({
      group: '',
      version: 'v1',
      plural: 'configmaps',
      kind: 'ConfigMap',
      namespaced: true,
    });
    const first = async (client: KubeClient): Promise<unknown> => {
      for await (const event of client.resource(maps).watch({ resourceVersion: '1' }))
        return structuredClone(event);
      return undefined;
    };
    const answers = await Promise.all(
      [json, protobuf].map((each) => first(each).catch((error: unknown) => String(error))),
    );

    expect(answers[1]).toEqual(answers[0]);
  });
});

/** A bookmark's version is that of the moment. */
function withoutVersion(event: unknown): unknown {
  return JSON.parse(
    JSON.stringify(event, (key, value: unknown) =>
      key === 'resourceVersion' && event !== null ? undefined : value,
    ),
  );
}
