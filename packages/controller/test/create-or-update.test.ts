import { deepFreeze } from '@kubeloop/cache-store';
import type { ResourceClient, Wire } from '@kubeloop/client';
import type { KubeClient } from '@kubeloop/client';
import {
  configMaps,
  customResourceDefinitions,
  defineResource,
  deployments,
  isAlreadyExists,
  isConflict,
} from '@kubeloop/client';
import type { V1ConfigMap, V1Deployment } from '@kubernetes/client-node';
import { describe, expect, test, vi } from 'vitest';
import { createOrPatch, createOrUpdate } from '../src/create-or-update.ts';
import type { WriteOutcome } from '../src/create-or-update-options.ts';
import { setControllerReference } from '../src/owner-references.ts';
import { webAppDefinition } from './support/web-app.ts';
import { startServer } from './support/server.ts';

type ConfigMap = Wire<V1ConfigMap>;

const key = { name: 'a', namespace: 'default' };

/** A client of a server in this process whose calls are counted. */
async function start(): Promise<{
  client: KubeClient;
  maps: ResourceClient<ConfigMap>;
  wrote: () => string[];
}> {
  const client = await startServer();
  const maps = client.resource(configMaps).namespace('default');
  const verbs = ['get', 'create', 'update', 'patch', 'patchStatus'] as const;
  const spies = verbs.map((verb) => vi.spyOn(maps, verb));
  const wrote = (): string[] =>
    verbs.flatMap((verb, i) => (spies[i]?.mock.calls ?? []).map(() => verb));
  return { client, maps, wrote };
}

describe('createOrUpdate', () => {
  test('what is missing is created, in the namespace of its name', async () => {
    const { client } = await start();

    const { result, object } = await createOrUpdate(client.resource(configMaps), key, (draft) => {
      draft.data = { a: '1' };
    });

    expect(result).toBe('created');
    expect(object).toMatchObject({ metadata: { ...key, resourceVersion: /./ }, data: { a: '1' } });
  });

  test('what differs is updated, and what others have set stays', async () => {
    const { maps } = await start();
    await maps.create({ metadata: { name: 'a', labels: { of: 'others' } }, data: { a: '1' } });

    const { result, object } = await createOrUpdate(maps, { name: 'a' }, (draft) => {
      draft.data = { ...draft.data, b: '2' };
    });

    expect(result).toBe('updated');
    expect(object).toMatchObject({
      metadata: { labels: { of: 'others' } },
      data: { a: '1', b: '2' },
    });
  });

  test('nothing is written when nothing differs in meaning', async () => {
    const { client } = await start();
    const labels = { a: 'a' };
    const containers = [{ name: 'a', image: 'i' }];
    const template = { metadata: { labels }, spec: { containers } };
    const first = { metadata: key, spec: { selector: { matchLabels: labels }, template } };
    const put = (cpu: string): Promise<WriteOutcome<Wire<V1Deployment>>> =>
      createOrUpdate(client.resource(deployments), first, ({ spec }) => {
        for (const container of spec?.template.spec?.containers ?? [])
          container.resources = { limits: { cpu }, requests: {} };
        Object.assign(spec?.template.spec ?? {}, { volumes: [], nodeSelector: {} });
      });
    const { result, object } = await put('1000m');

    expect(result).toBe('created');
    expect(await put('1')).toEqual({ result: 'unchanged', object });
    expect(await put('2')).toMatchObject({ result: 'updated' });
  });

  test('the result of mutate counts when there is one, so that helpers which copy fit', async () => {
    const { maps } = await start();
    const owner = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'o', namespace: 'default', uid: 'u' },
    };

    const { object } = await createOrUpdate(maps, key, (draft) =>
      setControllerReference(owner, { ...draft, data: { a: '1' } }),
    );

    expect(object.metadata?.ownerReferences).toMatchObject([{ name: 'o', controller: true }]);
    expect(object.data).toEqual({ a: '1' });
  });

  test('a cached object is read where it is, and never changed', async () => {
    const { maps, wrote } = await start();
    const cached = deepFreeze(await maps.create({ metadata: { name: 'a' }, data: { a: '1' } }));

    const { result, object } = await createOrUpdate(
      maps,
      { name: 'a' },
      (draft) => {
        draft.data = { ...draft.data, b: '2' };
      },
      { reader: { get: () => cached } },
    );

    expect(result).toBe('updated');
    expect(object.data).toEqual({ a: '1', b: '2' });
    expect(cached.data).toEqual({ a: '1' });
    expect(wrote()).toEqual(['create', 'update']);
  });

  test('a cache that does not have the object yet costs a further try', async () => {
    const { maps, wrote } = await start();
    await maps.create({ metadata: { name: 'a' }, data: { a: '1' } });
    const mutate = vi.fn<(draft: { data?: Record<string, string> }) => void>((draft) => {
      draft.data = { ...draft.data, b: '2' };
    });

    const { result, object } = await createOrUpdate(maps, { name: 'a' }, mutate, {
      reader: { get: () => undefined },
    });

    expect(result).toBe('updated');
    expect(object.data).toEqual({ a: '1', b: '2' });
    expect(mutate).toHaveBeenCalledTimes(2);
    expect(wrote()).toEqual(['get', 'create', 'create', 'update']);
  });

  test('a cache that still has an object which is gone costs a further try', async () => {
    const { maps } = await start();
    const cached = await maps.create({ metadata: { name: 'a' } });
    await maps.delete('a');

    const { result, object } = await createOrUpdate(
      maps,
      { name: 'a' },
      (draft) => void (draft.data = { b: '2' }),
      { reader: { get: () => cached } },
    );

    expect(result).toBe('created');
    expect(object.metadata?.uid).not.toBe(cached.metadata?.uid);
  });

  test('what others write between read and update is kept', async () => {
    const { maps } = await start();
    await maps.create({ metadata: { name: 'a' } });
    let others = 0;

    const { object } = await createOrUpdate(maps, { name: 'a' }, async (draft) => {
      if (others < 3)
        await maps.patch('a', { data: { others: `${(others += 1)}` } }, { type: 'merge' });
      draft.data = { ...draft.data, mine: 'x' };
    });

    expect(object.data).toEqual({ others: '3', mine: 'x' });
  });

  test('the conflict of the last try is thrown; with one try it is the first', async () => {
    const { maps } = await start();
    const stale = await maps.create({ metadata: { name: 'a' } });
    await maps.patch('a', { data: { a: '1' } }, { type: 'merge' });
    const mutate = vi.fn<(draft: { data?: Record<string, string> }) => void>((draft) => {
      draft.data = { b: '1' };
    });
    const options = { reader: { get: () => stale }, attempts: 1 };

    await expect(createOrUpdate(maps, { name: 'a' }, mutate, options)).rejects.toSatisfy(
      isConflict,
    );
    await expect(
      createOrUpdate(maps, { name: 'a' }, mutate, {
        reader: { get: () => undefined },
        attempts: 1,
      }),
    ).rejects.toSatisfy(isAlreadyExists);
    expect(mutate).toHaveBeenCalledTimes(2);
  });

  test('what mutate throws is thrown, and nothing is written', async () => {
    const { maps, wrote } = await start();
    const broken = new Error('broken');

    const outcome = createOrUpdate(maps, { name: 'a' }, () => {
      throw broken;
    });

    await expect(outcome).rejects.toBe(broken);
    expect(wrote()).toEqual(['get']);
  });

  test.each([{ name: 'b' }, { namespace: 'kube-system' }])(
    'a mutate that moves the object to %j is refused',
    async (place) => {
      const { client } = await start();

      const outcome = createOrUpdate(client.resource(configMaps), key, (draft) => {
        draft.metadata = { ...draft.metadata, ...place };
      });

      await expect(outcome).rejects.toThrow('mutate changed its name or namespace');
    },
  );

  test('a name, and a whole number of attempts, are needed', async () => {
    const { maps } = await start();
    const nothing = (): void => {};

    await expect(createOrUpdate(maps, { metadata: {} }, nothing)).rejects.toThrow(TypeError);
    for (const attempts of [0, -1, 1.5, Number.NaN])
      await expect(createOrUpdate(maps, key, nothing, { attempts })).rejects.toThrow(RangeError);
  });

  test('a signal that has aborted ends it before anything is sent', async () => {
    const { maps, wrote } = await start();

    const outcome = createOrUpdate(maps, { name: 'a' }, () => {}, {
      signal: AbortSignal.abort('stop'),
    });

    await expect(outcome).rejects.toBe('stop');
    expect(wrote()).toEqual([]);
  });

  test('a creation starts from the object that is given, an update from the one that is there', async () => {
    const { maps } = await start();
    const first = { metadata: key, data: { start: '1' } };
    const mark = (draft: { data?: Record<string, string> }): void => {
      draft.data = { ...draft.data, mark: '1' };
    };

    const created = await createOrUpdate(maps, first, mark);
    const again = await createOrUpdate(maps, { ...first, data: { other: '1' } }, mark);

    expect(created.object.data).toEqual({ start: '1', mark: '1' });
    expect(again).toMatchObject({ result: 'unchanged', object: created.object });
    expect(first.data).toEqual({ start: '1' });
  });
});

describe('createOrPatch', () => {
  interface Site {
    readonly metadata: { readonly name: string; readonly uid?: string };
    readonly spec?: { readonly [name: string]: unknown };
    readonly status?: { readonly [name: string]: unknown };
  }
  const sites = defineResource<Site>({
    group: 'example.com',
    version: 'v1',
    plural: 'webapps',
    kind: 'WebApp',
    namespaced: true,
  });

  async function startSites(hasStatus = true): Promise<ResourceClient<Site>> {
    const { client } = await start();
    const [version] = webAppDefinition.spec.versions;
    const definition = {
      ...webAppDefinition,
      spec: {
        ...webAppDefinition.spec,
        versions: [
          {
            ...version,
            ...(hasStatus && { subresources: { status: {} } }),
            schema: {
              openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        ],
      },
    };
    await client.resource(customResourceDefinitions).create(definition);
    const all = client.resource(sites).namespace('default');
    await vi.waitFor(() => all.list());
    return all;
  }

  test('only what differs is sent: the object, its status, both, or nothing', async () => {
    const all = await startSites();
    const put = async (spec: object, status: object): Promise<string> =>
      (
        await createOrPatch(all, { name: 'a' }, (draft) => {
          draft.spec = { ...spec };
          draft.status = { ...status };
        })
      ).result;

    expect(await put({ a: 1 }, {})).toBe('created');
    expect(await put({ a: 2 }, {})).toBe('updatedStatus');
    expect(await put({ a: 2 }, {})).toBe('unchanged');
    expect(await put({ a: 3 }, {})).toBe('updated');
    expect(await put({ a: 3 }, { up: 1 })).toBe('updatedStatusOnly');
    expect(await put({ b: 3 }, { up: 2 })).toBe('updatedStatus');
    expect(await put({ b: 3 }, { up: 2 })).toBe('unchanged');
    expect(await all.get('a')).toMatchObject({ spec: { b: 3 }, status: { up: 2 } });
    expect((await all.get('a')).spec).not.toHaveProperty('a');
  });

  test('fields that others write meanwhile are kept without a further try', async () => {
    const all = await startSites();
    await all.create({ metadata: { name: 'a' }, spec: {} });
    const mutate = vi.fn<(draft: { spec?: Record<string, unknown> }) => Promise<void>>(
      async (draft) => {
        await all.patch('a', { spec: { others: 1 } }, { type: 'merge' });
        draft.spec = { ...draft.spec, mine: 1 };
      },
    );

    const { object } = await createOrPatch(all, { name: 'a' }, mutate);

    expect(object.spec).toEqual({ others: 1, mine: 1 });
    expect(mutate).toHaveBeenCalledTimes(1);
  });

  test('with an optimistic lock, the object is read anew after others have written', async () => {
    const all = await startSites();
    await all.create({ metadata: { name: 'a' }, spec: { list: ['a'] } });
    let others = 0;

    const { result, object } = await createOrPatch(
      all,
      { name: 'a' },
      async (draft) => {
        const list = (draft.spec?.['list'] ?? []) as string[];
        if ((others += 1) === 1)
          await all.patch('a', { spec: { list: ['a', 'theirs'] } }, { type: 'merge' });
        draft.spec = { list: [...list, 'mine'] };
        draft.status = { seen: list.length };
      },
      { optimisticLock: true },
    );

    expect(result).toBe('updatedStatus');
    expect(object).toMatchObject({ spec: { list: ['a', 'theirs', 'mine'] }, status: { seen: 2 } });
  });

  test('another object of the name is not patched as the one that was read', async () => {
    const all = await startSites();
    const cached = await all.create({ metadata: { name: 'a' }, spec: { of: 'first' } });
    await all.delete('a');
    await all.create({ metadata: { name: 'a' }, spec: { of: 'second' } });

    const { object } = await createOrPatch(
      all,
      { name: 'a' },
      (draft) => {
        draft.spec = { ...draft.spec, saw: draft.spec?.['of'] };
      },
      { reader: { get: () => cached } },
    );

    expect(object.spec).toEqual({ of: 'second', saw: 'second' });
  });

  test('the status of a kind that has none is an error at once', async () => {
    const all = await startSites(false);
    await all.create({ metadata: { name: 'a' }, spec: {} });
    const mutate = vi.fn<(draft: { status?: Record<string, unknown> }) => void>((draft) => {
      draft.status = { up: 1 };
    });

    await expect(createOrPatch(all, { name: 'a' }, mutate)).rejects.toMatchObject({ code: 404 });
    expect(mutate).toHaveBeenCalledTimes(1);
  });
});
