import {
  configMaps,
  customResourceDefinitions,
  defineResource,
  isForbidden,
  isUnauthorized,
  isUnknownResource,
  KubeClient,
  secrets,
} from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';
import { describe, expect, test, vi } from 'vitest';
import { Cluster, type Entry, errorText, namespace } from './running.ts';
import { errorOf, expectNoStrays, until } from './strays.ts';

expectNoStrays();
// Delays between failures go up to 1.6 s at first, and twice as much the next time.
vi.setConfig({ testTimeout: 60_000 });

const widgets = defineResource<{ readonly metadata?: { readonly name?: string } }>({
  group: 'example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
});

const widgetDefinition = {
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
} as const;

async function createSecret(cluster: Cluster, name: string): Promise<void> {
  await cluster.admin.resource(secrets).namespace(namespace).create({ metadata: { name } });
}

test('a wrong token is refused by an error that names the call and the server, and not the token', async () => {
  await using cluster = await Cluster.start();
  const { url } = cluster.server;
  await using client = new KubeClient({ server: url, skipTLSVerify: true, token: 'wr0ng' });

  const error = await errorOf(() => client.resource(configMaps).list());

  expect(isUnauthorized(error)).toBe(true);
  expect(error.message).toContain('Cannot list configmaps');
  expect(error.message).toContain(`server ${url} refused the credentials`);
  expect(error.message).not.toContain('wr0ng');
});

test('a token function that fails is named in the error of the call', async () => {
  await using cluster = await Cluster.start();
  const token = (): Promise<string> => Promise.reject(new Error('the vault is closed'));
  await using client = new KubeClient({ server: cluster.server.url, skipTLSVerify: true, token });

  const error = await errorOf(() => client.resource(configMaps).list());

  expect(error.message).toContain('the vault is closed');
  expect(error.message).toContain(cluster.server.url);
});

test('a token function that gives no token is named in the error of the call', async () => {
  await using cluster = await Cluster.start();
  // What a program in JavaScript can give.
  const token = (): string => undefined as unknown as string;
  await using client = new KubeClient({ server: cluster.server.url, skipTLSVerify: true, token });

  const error = await errorOf(() => client.resource(configMaps).list());

  expect(error.message).toContain('"token"');
});

test('caches that cannot be filled with a wrong token say that the login failed', async () => {
  await using cluster = await Cluster.start();
  const server = cluster.server.url;
  await using client = new KubeClient({ server, skipTLSVerify: true, token: 'wrong' });
  await using informers = new SharedInformerFactory(client, { onError: () => {} });
  const informer = informers.informerFor(configMaps);
  informers.start();
  await until('the informer has failed', () => informer.lastFailure !== undefined);

  const error = await errorOf(() => informers.waitForCacheSync({ timeoutMs: 1 }));

  expect(error.message).toContain('"configmaps" (not logged in: ');
});

test('a manager with a wrong token says so, and works once the token is right', async () => {
  await using cluster = await Cluster.start();
  let current = 'wrong';
  const server = cluster.server.url;
  await using client = new KubeClient({ server, skipTLSVerify: true, token: () => current });
  const worked: string[] = [];
  const { manager, stop } = cluster.run(
    (made) => {
      made
        .controller('copier')
        .for(configMaps)
        .reconcile(({ name }) => void worked.push(name));
    },
    { client, cacheSyncTimeoutMs: 50 },
  );
  await until('the log says what is missing', () =>
    cluster.entries('error').some(({ fields }) => 'missing' in fields),
  );
  expect(String(cluster.entries('error')[0]?.fields['missing'])).toContain(
    `configmaps: Cannot list configmaps: server ${server} refused the credentials`,
  );

  current = 'good';
  await cluster.createConfigMap('one');

  await until('the controller works', () => worked.includes('one'), 30_000);
  expect(manager.describe().isReady).toBe(true);
  await stop();
});

test('a call that is forbidden names who may not do what', async () => {
  await using cluster = await Cluster.start();
  cluster.deny.push({ verbs: ['get'], resources: ['secrets'] });

  const error = await errorOf(() =>
    cluster.client.resource(secrets).namespace(namespace).get('key'),
  );

  expect(isForbidden(error)).toBe(true);
  expect(error.message).toContain('Cannot get secrets "key" in namespace "default"');
  expect(error.message).toContain('User "alice" cannot get');
});

describe('a kind that cannot be watched', () => {
  const obstacles = [
    {
      what: 'a forbidden list and watch',
      resource: secrets,
      words: 'User "alice" cannot',
      prepare: (cluster: Cluster) => void cluster.deny.push({ resources: ['secrets'] }),
      remove: async (cluster: Cluster) => {
        cluster.deny.length = 0;
        await createSecret(cluster, 'late');
      },
    },
    {
      what: 'a CustomResourceDefinition that is not installed',
      resource: widgets,
      words: 'is the CRD installed?',
      prepare: () => {},
      remove: async (cluster: Cluster) => {
        await cluster.admin.resource(customResourceDefinitions).create(widgetDefinition);
        const client = cluster.admin.resource(widgets).namespace(namespace);
        await until('the new kind is served', async () => {
          try {
            await client.create({ metadata: { name: 'late' } });
            return true;
          } catch (error) {
            if (!isUnknownResource(error)) throw error;
            return false;
          }
        });
      },
    },
  ] as const;

  test.concurrent.each(obstacles)(
    'because of $what makes one controller wait and say why; it joins when it can',
    async ({ resource, words, prepare, remove }) => {
      await using cluster = await Cluster.start();
      prepare(cluster);
      const worked: string[] = [];
      const { manager } = cluster.run(
        (made) => {
          made
            .controller('blocked')
            .for(resource)
            .reconcile(({ name }) => void worked.push(`blocked ${name}`));
          made
            .controller('free')
            .for(configMaps)
            .reconcile(({ name }) => void worked.push(`free ${name}`));
        },
        { cacheSyncTimeoutMs: 100 },
      );
      // The first report can come before the server has answered.
      const report = (): Entry | undefined =>
        cluster.entries('error').find(({ fields }) => String(fields['missing']).includes(words));
      await until('the log says what is missing and why', () => report() !== undefined);
      await cluster.createConfigMap('first');
      await until('the other controller works', () => worked.includes('free first'));

      // One report for each try, whichever ways of listing it went through.
      for (const { fields } of cluster.entries('warn'))
        expect(fields['next']).toMatch(/^retry in \d+ ms/);
      expect(report()?.fields).toMatchObject({ controller: 'blocked' });
      expect(String(report()?.fields['missing'])).toContain(resource.name);
      expect(cluster.entries('warn').map(errorText).join('\n')).toContain(words);
      const [blocked, free] = manager.describe().controllers;
      expect(free?.state).toBe('running');
      expect(blocked?.state).toBe('waiting');
      expect(String(blocked?.sources[0]?.lastError)).toContain(words);
      expect(manager.describe().isReady).toBe(false);

      await remove(cluster);
      await until('the controller joins', () => worked.includes('blocked late'), 30_000);
      expect(manager.describe().isReady).toBe(true);
      expect(manager.describe().controllers[0]?.sources[0]?.lastError).toBeUndefined();
    },
  );

  test.concurrent('because only the watch is forbidden is listed, says so, and goes on when it can', async () => {
    await using cluster = await Cluster.start();
    cluster.deny.push({ verbs: ['watch'], resources: ['configmaps'] });
    await cluster.createConfigMap('early');
    const worked: string[] = [];
    const { manager } = cluster.run((made) => {
      made
        .controller('copier')
        .for(configMaps)
        .reconcile(({ name }) => void worked.push(name));
    });
    await until('what is there is reconciled', () => worked.includes('early'));
    await until('the log says so', () =>
      cluster.entries('warn').map(errorText).join('\n').includes('User "alice" cannot watch'),
    );
    await until('the description says so', () => {
      const { lastError } = manager.describe().controllers[0]?.sources[0] ?? {};
      return String(lastError).includes('cannot watch');
    });

    cluster.deny.length = 0;
    await cluster.createConfigMap('late');

    await until('the controller goes on', () => worked.includes('late'), 30_000);
    expect(worked.filter((name) => name === 'late')).toHaveLength(1);
  });

  test.concurrent('later on, because access is taken away, stops nobody else and goes on when it is back', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const { manager } = cluster.run((made) => {
      made
        .controller('secrets')
        .for(secrets)
        .reconcile(({ name }) => void worked.push(`secret ${name}`));
      made
        .controller('free')
        .for(configMaps)
        .reconcile(({ name }) => void worked.push(`free ${name}`));
    });
    await until('the manager works', () => manager.describe().isReady);
    // A watch that brings nothing for a second is taken for a failure by itself.
    await createSecret(cluster, 'early');
    await until('the secret is reconciled', () => worked.includes('secret early'));
    cluster.deny.push({ resources: ['secrets'] });
    cluster.server.endWatches();
    await until('the log says so', () =>
      cluster.entries('warn').map(errorText).join('\n').includes('User "alice" cannot'),
    );
    await cluster.createConfigMap('second');
    await until('the other controller works', () => worked.includes('free second'));

    cluster.deny.length = 0;
    await createSecret(cluster, 'late');

    await until('the controller goes on', () => worked.includes('secret late'), 30_000);
    expect(manager.describe().controllers[0]?.sources[0]?.lastError).toBeUndefined();
  });
});

describe('a description that the server does not know', () => {
  const cases = [
    {
      what: 'an unknown plural of a known group',
      group: 'apps',
      version: 'v1',
      plural: 'deploymentz',
    },
    { what: 'an unknown version', group: 'apps', version: 'v9', plural: 'deployments' },
    { what: 'an unknown core kind', group: '', version: 'v1', plural: 'podz' },
    { what: 'an unknown group', group: 'nowhere.example.com', version: 'v1', plural: 'widgets' },
  ];
  test.each(cases)('with $what is named by list, get, watch and create', async (names) => {
    await using cluster = await Cluster.start();
    const { group, version, plural } = names;
    const resource = defineResource<{ readonly metadata?: { readonly name?: string } }>({
      group,
      version,
      plural,
      kind: 'Thing',
      namespaced: true,
    });
    const things = cluster.client.resource(resource).namespace(namespace);

    const errors = await Promise.all([
      errorOf(() => things.list()),
      errorOf(() => things.get('x')),
      errorOf(() => things.watch()[Symbol.asyncIterator]().next()),
      errorOf(() => things.create({ metadata: { name: 'x' } })),
    ]);

    for (const error of errors) {
      expect(isUnknownResource(error)).toBe(true);
      expect(error.message).toContain(`does not know ${resource.name}/${version}`);
      expect(error.message).toMatch(/is the CRD installed\?|check its group, version and plural/);
    }
  });

  test('is told from an object that is not there', async () => {
    await using cluster = await Cluster.start();

    const error = await errorOf(() =>
      cluster.client.resource(configMaps).namespace(namespace).get('nowhere'),
    );

    expect(isUnknownResource(error)).toBe(false);
    expect(error.message).toContain('Cannot get configmaps "nowhere" in namespace "default"');
    expect(error.message).not.toContain('does not know');
  });
});
