import {
  Indexer,
  Lister,
  metaNamespaceIndexFunc,
  namespaceIndex,
  type ObjectLike,
  parseLabelSelector,
} from '@kubeloop/cache-store';
import { type Benchmark, nowNs, sampleRounds } from './benchmark.ts';

const indexedCount = 5000;

const update: Benchmark = {
  id: 'indexer/update',
  lines: [
    {
      title: 'indexer: update 5000 objects, each moves to another index value',
      per: 'update',
      statistic: 'median',
    },
  ],
  sample(limits) {
    const node = (obj: ObjectLike): readonly string[] => [obj.metadata?.labels?.['node'] ?? ''];
    const indexer = new Indexer<ObjectLike>({ indexers: { node }, freeze: false });
    const states = [0, 1].map((state) =>
      Array.from({ length: indexedCount }, (_, i) =>
        objectOf(i, { node: `node-${(i + state) % 100}` }),
      ),
    );
    let round = 0;
    return sampleRounds(limits, indexedCount, () => {
      round += 1;
      const objects = states[round % 2] ?? [];
      const started = nowNs();
      for (const obj of objects) indexer.update(obj);
      return nowNs() - started;
    });
  },
};

const sizes = { '1k': 1000, '10k': 10_000, '100k': 100_000, '1m': 1_000_000 };

const scans = Object.entries(sizes).map(([name, count]): Benchmark => ({
  id: `lister/${name}`,
  lines: [
    {
      title: `lister: select 100 of ${name.toUpperCase().replace('K', 'k')} objects by a label`,
      per: 'list',
      statistic: 'median',
    },
  ],
  async sample(limits) {
    if (limits.quick && count > 100_000) return undefined;
    const indexer = new Indexer<ObjectLike>({
      indexers: { [namespaceIndex]: metaNamespaceIndexFunc },
      freeze: false,
    });
    for (let i = 0; i < count; i += 1) indexer.add(objectOf(i, i < 100 ? { app: 'web' } : {}));
    const lister = new Lister(indexer);
    const selector = parseLabelSelector('app=web');
    return sampleRounds(limits, 1, () => {
      const started = nowNs();
      const found = lister.list(selector);
      const took = nowNs() - started;
      if (found.length !== 100) throw new Error('The list is wrong');
      return took;
    });
  },
}));

function objectOf(i: number, labels: Record<string, string>): ObjectLike {
  return {
    metadata: { namespace: 'default', name: `object-${i}`, resourceVersion: `${i + 1}`, labels },
  };
}

export const storeBenchmarks: readonly Benchmark[] = [update, ...scans];
