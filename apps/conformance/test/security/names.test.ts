import { ApiServer } from '@kubeloop/apiserver';
import {
  Indexer,
  labelIndexFunc,
  labelSelectorFrom,
  Lister,
  metaNamespaceIndexFunc,
  namespaceIndex,
  parseFieldSelector,
  parseLabelSelector,
  type ObjectLike,
} from '@kubeloop/cache-store';
import { configMaps, KubeClient } from '@kubeloop/client';
import { setControllerReference, ownerRequests } from '@kubeloop/controller';
import { SharedInformerFactory } from '@kubeloop/informer';
import { WorkQueue } from '@kubeloop/workqueue';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../bad-input/strays.ts';

/** Names that every object of JavaScript knows. */
const hostile = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
];

let before: readonly (string | symbol)[];
beforeEach(() => (before = Reflect.ownKeys(Object.prototype)));
afterEach(() => {
  const added = Reflect.ownKeys(Object.prototype).filter((key) => !before.includes(key));
  if (added.length > 0) throw new Error(`Object.prototype has got ${added.map(String).join(', ')}`);
});

/** An object that has a name wherever one can be; made as JSON makes it, so that `__proto__` is a member like any other. */
function objectNamed(name: string): ObjectLike & { readonly metadata: { readonly uid: string } } {
  const key = JSON.stringify(name);
  // What the text says.
  return JSON.parse(
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":${key},"namespace":${key},"uid":${key},` +
      `"labels":{${key}:${key}},"annotations":{${key}:"polluted"}},"data":{${key}:"polluted"}}`,
  ) as ObjectLike & { readonly metadata: { readonly uid: string } };
}

describe.each(hostile)('the name %s', (name) => {
  test('is a name, a namespace, an index and a value in a store, and nothing that is not there', () => {
    const indexers = JSON.parse('{}') as Record<string, typeof metaNamespaceIndexFunc>;
    Object.defineProperty(indexers, name, { value: labelIndexFunc(name), enumerable: true });
    const store = new Indexer<ObjectLike>({ indexers });
    store.addIndexers({ [namespaceIndex]: metaNamespaceIndexFunc });
    const lister = new Lister(store);

    expect(store.getByKey(name)).toBeUndefined();
    expect(store.getByKey(`${name}/${name}`)).toBeUndefined();
    expect(store.byIndex(name, name)).toEqual([]);
    expect(lister.byNamespace(name).list()).toEqual([]);
    const object = objectNamed(name);
    store.add(object);
    expect(store.getByKey(`${name}/${name}`)).toBe(object);
    expect(store.byIndex(name, name)).toEqual([object]);
    expect(store.indexKeys(name, name)).toEqual([`${name}/${name}`]);
    expect(store.listIndexFuncValues(name)).toEqual([name]);
    expect(lister.byNamespace(name).get(name)).toBe(object);
    expect(lister.byNamespace('other').list()).toEqual([]);
    store.delete(object);
    expect(store.list()).toEqual([]);
    expect(store.byIndex(name, name)).toEqual([]);
  });

  test('is no index that nobody made', () => {
    const store = new Indexer<ObjectLike>();

    expect(store.hasIndex(name)).toBe(false);
    expect(() => store.byIndex(name, name)).toThrow(name);
  });

  test('is a field only where it is set', () => {
    expect(parseFieldSelector(`${name}=`).matches({})).toBe(true);
    expect(parseFieldSelector(`metadata.labels.${name}=${name}`).matches(objectNamed(name))).toBe(
      true,
    );
    expect(parseFieldSelector(`metadata.${name}=`).matches(objectNamed('a'))).toBe(true);
  });

  test('is an item of a queue like any other', () => {
    const queue = new WorkQueue<string>();

    queue.add(name);
    queue.add(name);

    expect(queue.length).toBe(1);
    queue.shutDown();
  });

  test('is an owner like any other', () => {
    const owner = objectNamed(name);

    const owned = setControllerReference(owner, objectNamed(name));

    const find = ownerRequests({ group: '', kind: 'ConfigMap', namespaced: true });
    expect(find(owned)).toEqual([{ namespace: name, name }]);
    expect(find(objectNamed(name))).toEqual([]);
  });

  test('travels through server, client and informer', async () => {
    const server = new ApiServer();
    await server.start();
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const factory = new SharedInformerFactory(client);
    const informer = factory.informerFor(configMaps);
    factory.start();
    const resource = client.resource(configMaps).namespace('default');
    const lower = /^[a-z]+$/.test(name) ? name : 'n';
    const { data, metadata } = objectNamed(name) as unknown as Record<string, object>;
    const { annotations } = metadata as { annotations: object };
    const isKey = !name.startsWith('_');
    try {
      await resource.create({
        metadata: { name: lower, ...(isKey && { annotations, labels: annotations }) },
        data,
      } as never);
      await until(
        'the informer has it',
        () => informer.indexer.getByKey(`default/${lower}`) !== undefined,
      );

      const cached = informer.indexer.getByKey(`default/${lower}`);
      expect(JSON.stringify(cached?.data)).toBe(JSON.stringify(data));
      expect(Object.getPrototypeOf(cached?.data)).toBe(Object.prototype);
      await expect(resource.get(isKey ? `${lower}x` : 'x')).rejects.toMatchObject({ code: 404 });
      const patched = await resource.patch(
        lower,
        { data: JSON.parse(`{"${name}":"new"}`) },
        { type: 'merge' },
      );
      expect(JSON.stringify(patched.data)).toBe(`{"${name}":"new"}`);
    } finally {
      await factory.shutdown();
      await server.close();
    }
  });

  test('is no resource, namespace or object of a server', async () => {
    const server = new ApiServer();
    await server.start();
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true, maxRetries: 0 });
    const paths = [
      `/${name}`,
      `/api/${name}`,
      `/apis/${name}`,
      `/apis/${name}/v1/${name}`,
      `/api/v1/${name}`,
      `/api/v1/namespaces/${name}`,
      `/api/v1/namespaces/default/${name}`,
      `/api/v1/namespaces/default/configmaps/${name}`,
      `/api/v1/namespaces/default/pods/${name}/${name}`,
    ];
    try {
      for (const path of paths)
        await expect(client.request(path)).rejects.toMatchObject({ code: 404 });
    } finally {
      await server.close();
    }
  });
});

test.each(hostile.filter((name) => !name.startsWith('_')))(
  'the label %s is there only where it is set',
  (name) => {
    // objectNamed sets it.
    const { labels } = objectNamed(name).metadata as unknown as { labels: Record<string, string> };

    expect(parseLabelSelector(name).matches({})).toBe(false);
    expect(parseLabelSelector(`!${name}`).matches({})).toBe(true);
    expect(parseLabelSelector(name).matches(labels)).toBe(true);
    expect(labelSelectorFrom({ matchLabels: labels }).matches({})).toBe(false);
    expect(labelSelectorFrom({ matchLabels: labels }).matches(labels)).toBe(true);
  },
);

test.each(hostile.filter((name) => name.startsWith('_')))(
  'the label %s is refused in a selector, since no label begins with an underscore',
  (name) => {
    const matchLabels = JSON.parse(`{"${name}":"v"}`) as Record<string, string>;

    expect(() => parseLabelSelector(name)).toThrow('must be letters');
    expect(() => labelSelectorFrom({ matchLabels })).toThrow('must be letters');
  },
);
