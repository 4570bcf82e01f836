import type { Wire } from '@kubeloop/client';
import { clusterRoles, configMaps, KubeClient, metadataOnly, namespaces } from '@kubeloop/client';
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { ControllerBuilder } from '@kubeloop/controller';
import { Manager, quietLogger } from '@kubeloop/controller';
import { NamespaceSet } from '@kubeloop/informer';
import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import type { DependentOptions } from '../src/dependent.ts';
import { Dependents } from '../src/dependents.ts';
import { DependentsError } from '../src/dependents-error.ts';
import { Cluster } from './support/cluster.ts';
import type { WebApp } from './support/web-app.ts';
import { webApps } from './support/web-app.ts';

type ConfigMap = Wire<V1ConfigMap>;
type Options = DependentOptions<WebApp, ConfigMap>;

const named: Options = {
  name: 'config',
  resource: configMaps,
  desired: () => ({ metadata: { name: 'config' } }),
};

const reject = async (): Promise<never> => {
  throw new Error('broken');
};

function dependents(options: object = {}): Dependents<WebApp> {
  // Nothing is asked of it: its manager never runs.
  const client = new KubeClient({ server: 'http://127.0.0.1:1', skipTLSVerify: true });
  const manager = new Manager({ client, logger: quietLogger });
  return new Dependents({ manager, owner: webApps, fieldManager: 'webapp', ...options });
}

describe('what cannot work is refused', () => {
  test.each([
    [{ fieldManager: '' }, RangeError, 'Cannot use "" as fieldManager: it becomes a label'],
    [{ fieldManager: 'a/b' }, RangeError, 'Cannot use "a/b" as fieldManager'],
    [{ fieldManager: 1 }, TypeError, 'Cannot use 1 as fieldManager: it must be a text'],
    [{ concurrency: 0 }, RangeError, 'Cannot use 0 as concurrency'],
    [{ concurrency: Number.NaN }, RangeError, 'Cannot use NaN as concurrency'],
    [{ manager: {} }, TypeError, 'Cannot use {} as manager: it has no informers'],
    [{ owner: {} }, TypeError, 'Cannot use {} as the owner: make a resource with defineResource'],
    [{ owner: metadataOnly(webApps) }, TypeError, 'its objects are metadata alone'],
  ])('options %o', (options, kind, message) => {
    expect(() => dependents(options)).toThrow(kind);
    expect(() => dependents(options)).toThrow(message);
  });

  test.each([
    [{ name: 'a b' }, 'Cannot use "a b" as the name of a dependent'],
    [{ resource: undefined }, 'Cannot use undefined as the resource of dependent "config"'],
    [
      { after: 'config' },
      'Cannot add dependent "config": after must be a list, and it is \'config\'',
    ],
    [{ after: [5] }, 'Cannot add dependent "config": after must name dependents or hold what'],
    [{ after: [undefined] }, 'add returned, and it holds undefined'],
    [{ after: [{ name: 5 }] }, 'add returned, and it holds { name: 5 }'],
    [
      { force: 'yes' },
      'Cannot add dependent "config": force must be true or false, and it is \'yes\'',
    ],
    [{ adopt: 1 }, 'Cannot add dependent "config": adopt must be true or false, and it is 1'],
    [{ optional: 'no' }, 'Cannot add dependent "config": optional must be true or false'],
    [
      { selection: 5 },
      'Cannot add dependent "config" with a selection: options must be an object, and they are 5',
    ],
    [{ selection: { namespace: 5 } }, 'namespace of its selection must be a text, and it is 5'],
    [{ selection: { namespaces: ['a'] } }, 'namespaces of its selection must be a NamespaceSet'],
    [{ selection: { labelSelector: {} } }, 'labelSelector of its selection must be a text'],
    [{ selection: { labelSelector: 'app in (' } }, 'app in ('],
    [{ selection: { fieldSelector: 'metadata.name' } }, 'metadata.name'],
    [{ desired: undefined }, 'Cannot add dependent "config": desired must be a function'],
    [{ when: true }, 'Cannot add dependent "config": when must be a function'],
    [{ after: ['config'] }, 'it would stand after itself; "config" after "config"'],
    [
      { resource: clusterRoles },
      'Cannot add dependent "config": a ClusterRole has no namespace, so no WebApp can own it',
    ],
  ])('a dependent with %o', (options, message) => {
    // What a program in JavaScript can pass.
    expect(() => dependents().add({ ...named, ...options } as never)).toThrow(message);
  });

  test.each([undefined, null, 5, 'config'])('no options but %j', (options) => {
    const given = options as never;
    const words = `options must be an object, and they are ${inspect(options)}`;

    expect(() => new Dependents(given)).toThrow(new TypeError(`Cannot make dependents: ${words}`));
    expect(() => dependents().add(given)).toThrow(
      new TypeError(`Cannot add a dependent: ${words}`),
    );
  });

  test.each([undefined, null, {}, 'web'])('%j as a builder', (builder) => {
    expect(() => dependents().watchedBy(builder as never)).toThrow(
      new TypeError(
        `Cannot let ${inspect(builder)} watch dependents: give what manager.controller(name).for(resource) returns`,
      ),
    );
  });

  test.each([null, 5, { signal: 'stop' }, { signal: null }])(
    'a reconcile with %j, whether or not the owner is being deleted',
    async (options) => {
      const metadata = { name: 'a', uid: '1' };
      const owners = [metadata, { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }];
      const calls = owners.flatMap((each) => {
        const owner = { metadata: each, spec: {} };
        const given = options as never;
        return [dependents().reconcile(owner, given), dependents().remove(owner, given)];
      });

      const results = await Promise.allSettled(calls);

      expect(results).toHaveLength(4);
      for (const result of results)
        expect(result).toMatchObject({
          reason: {
            name: 'TypeError',
            message: expect.stringMatching(
              /^Cannot reconcile dependents: (options|signal) must be an /,
            ) as string,
          },
        });
    },
  );

  test('a dependent that comes after the first reconcile, and one that stands after what was never added', async () => {
    const late = dependents();
    const app = { metadata: { name: 'a', uid: '1' }, spec: {} };
    await late.reconcile(app);
    const incomplete = dependents();
    incomplete.add({ ...named, after: ['nothing'] });

    expect(() => late.add(named)).toThrow(
      'Cannot add dependent "config": reconciles have begun; add it before',
    );
    await expect(incomplete.reconcile(app)).rejects.toThrow(
      'Cannot use dependents: "config" stands after "nothing", which was never added',
    );
  });

  test('an owner without name and uid', async () => {
    await expect(dependents().reconcile({ metadata: { name: 'a' }, spec: {} })).rejects.toThrow(
      'an owner has a name and a uid',
    );
    await expect(dependents().reconcile(undefined as never)).rejects.toThrow(TypeError);
    const numbered = { metadata: { name: 5, uid: 5 }, spec: {} } as never;
    await expect(dependents().reconcile(numbered)).rejects.toThrow('an owner has a name and a uid');
  });

  const metadata = { name: 'config' };
  test.each([
    [Promise.resolve(), 'it is a promise; the function must answer at once'],
    ['text', 'it must be an object, a list of objects or nothing'],
    [{}, 'it has no metadata'],
    [{ metadata: {} }, 'it has no metadata.name'],
    [
      { metadata: { generateName: 'a-', name: 'a' } },
      'its metadata.generateName cannot be declared',
    ],
    [{ metadata: { name: 'a', uid: '1' } }, 'its metadata.uid cannot be declared'],
    [{ kind: 'Secret', metadata }, 'its kind is "Secret" and not "ConfigMap"'],
    [{ apiVersion: 'v2', metadata }, 'its apiVersion is "v2" and not "v1"'],
    [
      { metadata: { name: 'a', namespace: 'other' } },
      'an owner lives in the namespace of what it owns',
    ],
    [[{ metadata }, { metadata }], 'two objects are named "ns/config"'],
  ])('desired %o', async (answer, message) => {
    const children = dependents();
    children.add({ ...named, desired: () => answer as never });

    const app = { metadata: { name: 'a', namespace: 'ns', uid: '1' }, spec: {} };
    await expect(children.reconcile(app)).rejects.toThrow(message);
  });

  test('an owner of a cluster leaves no namespace to its children, and they must name one', async () => {
    const children = dependents({ owner: namespaces });
    children.add(named);

    await expect(
      children.reconcile({ metadata: { name: 'a', uid: '1' }, spec: {} }),
    ).rejects.toThrow('it has no metadata.namespace, and neither has its owner');
  });

  test.each<[string, object, string]>([
    ['when', { when: reject }, 'Cannot use the answer of when'],
    ['desired', { desired: reject }, 'it is a promise; the function must answer at once'],
    ['isReady', { isReady: reject }, 'Cannot use the answer of isReady'],
  ])(
    'an asynchronous %s that rejects fails its dependent and nothing else',
    async (_, options, message) => {
      await using cluster = await Cluster.start();
      // What a program in JavaScript can pass.
      cluster.dependents.add({ ...named, ...options } as never);
      const app = await cluster.webApp('shop');

      await expect(cluster.dependents.reconcile(app)).rejects.toThrow(message);
    },
  );

  test('a gate that does not answer true or false fails its dependent and deletes nothing', async () => {
    const children = dependents();
    children.add({ ...named, when: (() => Promise.resolve(false)) as never });

    const app = { metadata: { name: 'a', namespace: 'ns', uid: '1' }, spec: {} };
    await expect(children.reconcile(app)).rejects.toThrow(
      'Cannot use the answer of when of dependent "config": it must be true or false',
    );
  });
});

test('children of a dependent that does not stand before are not given out', async () => {
  await using cluster = await Cluster.start();
  const first = cluster.dependents.add(named);
  cluster.dependents.add({
    name: 'other',
    resource: configMaps,
    desired: (_app, { get }) => ({ metadata: { name: get(first)?.metadata?.name ?? '' } }),
  });

  await expect(cluster.dependents.reconcile(await cluster.webApp('shop'))).rejects.toThrow(
    'Cannot get children of "config" for dependent "other": it does not stand after that; name it in after',
  );
});

test('no more children are worked on at a time than concurrency allows', async () => {
  let running = 0;
  let most = 0;
  await using cluster = await Cluster.start();
  const children = new Dependents<WebApp>({
    owner: webApps,
    fieldManager: 'webapp',
    concurrency: 2,
    manager: {
      client: cluster.manager.client,
      informerFor: (resource, options) => cluster.manager.informerFor(resource, options),
      consistentClient: {
        resource: (resource, selection) =>
          new Proxy(cluster.manager.consistentClient.resource(resource, selection), {
            get: (target, key) => {
              if (key !== 'namespace') return Reflect.get(target, key) as unknown;
              return (name: string) => {
                const at = target.namespace(name);
                return Object.assign(Object.create(at) as typeof at, {
                  get: (...args: Parameters<typeof at.get>) => at.get(...args),
                  apply: async (...args: Parameters<typeof at.apply>) => {
                    running += 1;
                    most = Math.max(most, running);
                    return at.apply(...args).finally(() => (running -= 1));
                  },
                });
              };
            },
          }),
      },
    },
  });
  for (const name of ['a', 'b', 'c'])
    children.add({
      name,
      resource: configMaps,
      desired: () => ['x', 'y', 'z'].map((each) => ({ metadata: { name: `${name}-${each}` } })),
    });

  const { writes } = await children.reconcile(await cluster.webApp('shop'));

  expect([writes, most]).toEqual([9, 2]);
});

test('an abort ends a reconcile with its reason', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add(named);
  const app = await cluster.webApp('shop');
  const reason = new Error('enough');

  const failed = cluster.dependents.reconcile(app, { signal: AbortSignal.abort(reason) });

  await expect(failed).rejects.toBe(reason);
});

test('a controller that watches the children brings back what is changed and deleted', async () => {
  await using cluster = await Cluster.start();
  const { dependents: children, manager } = cluster;
  children.add({ ...named, desired: () => ({ metadata: { name: 'config' }, data: { a: '1' } }) });
  children.add({ ...named, name: 'second', desired: () => ({ metadata: { name: 'second' } }) });
  const outcomes: boolean[] = [];
  children
    .watchedBy(manager.controller('webapp').for(webApps))
    .reconcile(async ({ namespace, name }, { signal }) => {
      const app = manager.informerFor(webApps).lister.byNamespace(namespace).get(name);
      if (app) outcomes.push((await children.reconcile(app, { signal })).ready);
    });
  await cluster.webApp('shop');
  await vi.waitFor(async () =>
    expect(await cluster.configMapNames()).toEqual(['config', 'second']),
  );
  const others = cluster.client.resource(configMaps).namespace('default');

  await others.patch('config', { data: { a: '2' } }, { type: 'merge' });
  await others.delete('second');

  await vi.waitFor(async () => {
    expect((await cluster.configMap('config')).data).toEqual({ a: '1' });
    expect(await cluster.configMapNames()).toEqual(['config', 'second']);
  });
  expect(outcomes.every(Boolean)).toBe(true);
});

test('without consistent reads nothing is written twice either', async () => {
  await using cluster = await Cluster.start({ consistency: 'off' });
  cluster.dependents.add(named);
  const app = await cluster.webApp('shop');

  for (let i = 0; i < 5; i += 1) await cluster.dependents.reconcile(app);

  expect(cluster.calls.filter((call) => call.startsWith('apply'))).toEqual([
    'apply configmaps/config',
  ]);
});

test('errors are recognised whichever copy of the package made them', () => {
  const outcome = { ready: false, writes: 0, message: '', perDependent: {} };

  expect(DependentsError.is(new DependentsError('it', outcome))).toBe(true);
  expect(DependentsError.is(new AggregateError([]))).toBe(false);
});

test('kinds are watched once for each selection, and sets of namespaces are told apart', () => {
  const watched: unknown[] = [];
  const builder = { owns: (_: unknown, selection: unknown) => void watched.push(selection) };
  const [teams, shops] = [new NamespaceSet(['team']), new NamespaceSet(['shop'])];
  const children = dependents();
  const selections = [
    { namespaces: teams },
    { namespaces: shops },
    { namespaces: teams },
    { namespace: 'a', labelSelector: 'b' },
    { labelSelector: 'b', namespace: 'a' },
    undefined,
    {},
  ];
  for (const [index, selection] of selections.entries())
    children.add({ ...named, name: `config-${index}`, selection });

  // No more of a builder is used than this.
  children.watchedBy(builder as unknown as ControllerBuilder);

  expect(watched).toHaveLength(4);
  expect(watched).toEqual([selections[0], selections[1], selections[3], selections[5]]);
  expect(watched[1]).toBe(selections[1]);
});

test('an error that throws when it is read keeps nobody from hearing of the failure', async () => {
  const unreadable = Object.defineProperty(new Error('full'), 'message', {
    get() {
      throw new Error('broken');
    },
  });
  const children = dependents();
  const desired = (): never => {
    throw unreadable;
  };
  children.add({ ...named, desired });
  const app = { metadata: { name: 'a', namespace: 'ns', uid: '1' }, spec: {} };

  const failure: unknown = await children.reconcile(app).catch((error: unknown) => error);

  expect(String(failure)).toContain('config: an error that cannot be read');
  expect(failure).toMatchObject({
    outcome: { message: 'config failed: an error that cannot be read' },
  });
});
