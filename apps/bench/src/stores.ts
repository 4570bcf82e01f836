import {
  Indexer,
  type Indexers,
  labelIndexFunc,
  Lister,
  metaNamespaceIndexFunc,
  namespaceIndex,
  type ObjectLike,
  parseLabelSelector,
} from '@kubeloop/cache-store';
import { type Benchmark, type Limits, sampleRounds } from './benchmark.ts';
import { cpuNs } from './cpu-time.ts';

const indexedCount = 5000;
const twoIndices = { [namespaceIndex]: metaNamespaceIndexFunc, node: labelIndexFunc('node') };

const updates = [
  { id: 'indexer/update', indices: 'one index', indexers: { node: labelIndexFunc('node') } },
  { id: 'indexer/update-two', indices: 'two indices', indexers: twoIndices },
].map(({ id, indices, indexers }): Benchmark => ({
  id,
  lines: [
    {
      title: `indexer: update 5000 objects with ${indices}, each moves to another value`,
      per: 'update',
      statistic: 'median',
    },
  ],
  sample(limits) {
    const indexer = new Indexer<ObjectLike>({ indexers, freeze: false });
    const states = [0, 1].map((state) => objectsOnNodes(indexedCount, indexedCount / 50, state));
    let round = 0;
    return sampleRounds(limits, indexedCount, () => {
      round += 1;
      const objects = states[round % 2] ?? [];
      const started = cpuNs();
      for (const obj of objects) indexer.update(obj);
      return cpuNs() - started;
    });
  },
}));

const byIndex: Benchmark = {
  id: 'indexer/by-index',
  lines: [
    {
      title: 'indexer: byIndex of 200 of 100k objects',
      per: 'call',
      statistic: 'median',
    },
  ],
  sample(limits) {
    const indexer = new Indexer<ObjectLike>({ indexers: twoIndices, freeze: false });
    for (const obj of objectsOnNodes(100_000, 500, 0)) indexer.add(obj);
    return sampleRounds(limits, 500, () => {
      let found = 0;
      const started = cpuNs();
      for (let node = 0; node < 500; node += 1)
        found += indexer.byIndex('node', `node-${node}`).length;
      const took = cpuNs() - started;
      if (found !== 100_000) throw new Error('An index is wrong');
      return took;
    });
  },
};

const sizes = { '1k': 1000, '10k': 10_000, '100k': 100_000, '1M': 1_000_000 };

const scans = Object.entries(sizes).map(([name, count]): Benchmark => ({
  id: `lister/${name.toLowerCase()}`,
  lines: [
    {
      title: `lister: select 100 of ${name} objects by a label`,
      per: 'list',
      statistic: 'median',
    },
  ],
  async sample(limits) {
    if (limits.quick && count > 100_000) return undefined;
    const lister = new Lister(
      withSomeLabelled(count, { [namespaceIndex]: metaNamespaceIndexFunc }),
    );
    return sampleLists(limits, lister, Math.max(1, 100_000 / count));
  },
}));

const indexed = Object.entries(sizes).map(([name, count]): Benchmark => ({
  id: `lister/indexed-${name.toLowerCase()}`,
  lines: [
    {
      title: `lister: select 100 of ${name} objects by a label with an index`,
      per: 'list',
      statistic: 'median',
    },
  ],
  async sample(limits) {
    if (limits.quick && count > 100_000) return undefined;
    const lister = new Lister(withSomeLabelled(count, { app: labelIndexFunc('app') }));
    return sampleLists(limits, lister, 1000);
  },
}));

const growth = Object.entries({ '1k': 1000, '10k': 10_000, '100k': 100_000, '300k': 300_000 }).map(
  ([name, count]): Benchmark => ({
    id: `growth/indexer-${name}`,
    lines: [
      {
        title: `growth: add, update and delete each of ${name} objects with two indices`,
        per: 'object',
        statistic: 'median',
      },
    ],
    async sample(limits) {
      if (limits.quick && count > 100_000) return undefined;
      const [old = [], young = []] = [0, 1].map((state) =>
        objectsOnNodes(count, count / 50, state),
      );
      const repeat = Math.max(1, 10_000 / count);
      return sampleRounds(limits, count * repeat, () => {
        const started = cpuNs();
        for (let i = 0; i < repeat; i += 1) {
          const indexer = new Indexer<ObjectLike>({ indexers: twoIndices, freeze: false });
          for (const obj of old) indexer.add(obj);
          for (const obj of young) indexer.update(obj);
          for (const obj of young) indexer.delete(obj);
        }
        return cpuNs() - started;
      });
    },
  }),
);

function sampleLists(
  limits: Limits,
  lister: Lister<ObjectLike>,
  repeat: number,
): Promise<readonly number[]> {
  const selector = parseLabelSelector('app=web');
  return sampleRounds(limits, repeat, () => {
    let found = 0;
    const started = cpuNs();
    for (let i = 0; i < repeat; i += 1) found += lister.list(selector).length;
    const took = cpuNs() - started;
    if (found !== 100 * repeat) throw new Error('The list is wrong');
    return took;
  });
}

/** Of so many objects, 100 that are spread evenly have the label. */
function withSomeLabelled(count: number, indexers: Indexers<ObjectLike>): Indexer<ObjectLike> {
  const indexer = new Indexer<ObjectLike>({ indexers, freeze: false });
  for (let i = 0; i < count; i += 1)
    indexer.add(objectOf(i, i % (count / 100) === 0 ? { app: 'web' } : {}));
  return indexer;
}

function objectsOnNodes(count: number, nodes: number, state: number): ObjectLike[] {
  return Array.from({ length: count }, (_, i) =>
    objectOf(i, { node: `node-${(i + state) % nodes}` }),
  );
}

function objectOf(i: number, labels: Record<string, string>): ObjectLike {
  return {
    metadata: { namespace: 'default', name: `object-${i}`, resourceVersion: `${i + 1}`, labels },
  };
}

export const storeBenchmarks: readonly Benchmark[] = [
  ...updates,
  byIndex,
  ...scans,
  ...indexed,
  ...growth,
];
