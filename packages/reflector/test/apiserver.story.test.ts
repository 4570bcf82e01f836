import { ApiServer } from '@kubeloop/apiserver';
import type { ObjectLike } from '@kubeloop/cache-store';
import { defineResource, KubeClient, type ResourceClient } from '@kubeloop/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Reflector } from '../src/index.ts';
import { ErrorLog } from './scripted.ts';

interface ConfigMap extends ObjectLike {
  readonly data?: Readonly<Record<string, string>>;
}

const configMaps = defineResource<ConfigMap>({
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
});

function configMap(name: string, value: string = ''): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } };
}

interface Story {
  readonly server: ApiServer;
  readonly client: ResourceClient<ConfigMap>;
  readonly errors: ErrorLog;
  /** How often the whole collection was replaced. */
  readonly replaces: () => number;
  /** Waits until the store holds exactly these names with these values. */
  readonly holds: (values: Readonly<Record<string, string>>) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A reflector of the config maps of namespace `default`, of which there are five at the beginning. */
async function story(watchList: boolean): Promise<Story> {
  const server = new ApiServer({ watchList });
  await server.start();
  const kubeClient = new KubeClient({ server: server.url, skipTLSVerify: true });
  const all = kubeClient.resource(configMaps);
  const client = all.namespace('default');
  for (const name of ['a', 'b', 'c', 'd', 'e']) await client.create(configMap(name));
  const values = new Map<string, string>();
  const put = (obj: ConfigMap): void =>
    void values.set(obj.metadata?.name ?? '', obj.data?.['value'] ?? '');
  let replaces = 0;
  const errors = new ErrorLog();
  const reflector = new Reflector<ConfigMap>({
    listerWatcher: client,
    store: {
      add: put,
      update: put,
      delete: (obj) => void values.delete(obj.metadata?.name ?? ''),
      replace: (list) => {
        replaces += 1;
        values.clear();
        list.forEach((obj) => put(obj));
      },
      resync: () => {},
    },
    pageSize: 2,
    checkStreamedLists: true,
    backoff: { next: () => 5 },
    onError: errors.onError,
  });
  const abort = new AbortController();
  const running = reflector.run({ signal: abort.signal });
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
  };
  onTestFinished(async () => {
    await stop();
    await kubeClient.close();
    await server.close();
  });
  const holds = async (expected: Readonly<Record<string, string>>): Promise<void> =>
    vi.waitFor(() => expect(Object.fromEntries(values)).toEqual(expected), { interval: 5 });
  return { server, client, errors, holds, stop, replaces: () => replaces };
}

const five = { a: '', b: '', c: '', d: '', e: '' };

test.each([true, false])(
  'what is created, changed and deleted arrives without another list (server streams lists: %s)',
  async (watchList) => {
    const { client, holds, replaces, errors } = await story(watchList);
    await holds(five);

    await client.create(configMap('f', 'new'));
    await client.patch('a', { data: { value: 'changed' } }, { type: 'merge' });
    await client.delete('b');
    await holds({ a: 'changed', c: '', d: '', e: '', f: 'new' });

    expect(replaces()).toBe(1);
    expect(errors.lines).toEqual(
      watchList ? [] : ['watch-list: list in pages now from any version'],
    );
  },
);

test.each([true, false])(
  'watches that the server ends go on from where they were (server streams lists: %s)',
  async (watchList) => {
    const { server, client, holds, replaces } = await story(watchList);
    await client.create(configMap('f'));
    await holds({ ...five, f: '' });
    await vi.waitFor(() => expect(server.openWatches).toBe(1));

    await client.create(configMap('g'));
    await holds({ ...five, f: '', g: '' });
    server.endWatches();
    await client.create(configMap('h'));
    await holds({ ...five, f: '', g: '', h: '' });

    expect(replaces()).toBe(1);
  },
);

test.each([true, false])(
  'a version that was compacted meanwhile leads to another list (server streams lists: %s)',
  async (watchList) => {
    const { server, client, holds, replaces, errors } = await story(watchList);
    await holds(five);
    await client.create(configMap('f'));
    await holds({ ...five, f: '' });

    // Writes elsewhere move the server's version on, but not ours.
    await client.namespace('kube-system').create(configMap('elsewhere'));
    server.compact();
    server.endWatches();
    await vi.waitFor(() => expect(replaces()).toBe(2));
    await client.delete('a');
    await holds({ b: '', c: '', d: '', e: '', f: '' });

    const failure = errors.entries.find(({ context }) => context.phase === 'watch');
    expect(failure?.error).toMatchObject({ code: 410, reason: 'Expired' });
  },
);

test('stopping leaves no watch open at the server', async () => {
  const { server, holds, stop } = await story(true);
  await holds(five);

  await stop();

  await vi.waitFor(() => expect(server.openWatches).toBe(0));
});
