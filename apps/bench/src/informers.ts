import { setImmediate } from 'node:timers/promises';
import { type ObjectLike, Store } from '@kubeloop/cache-store';
import { SharedInformer } from '../../../packages/informer/src/index.ts';
import {
  type ListerWatcher,
  Reflector,
  type ReflectorEvent,
} from '../../../packages/reflector/src/index.ts';
import { type Benchmark, type Limits, nowNs, sampleRounds } from './benchmark.ts';

const namespaces = 100;
const pairs = 1000;
const additions = 500;

function objectOf(i: number, resourceVersion: number = i + 1): ObjectLike {
  return {
    metadata: {
      namespace: `namespace-${i % namespaces}`,
      name: `object-${i}`,
      resourceVersion: String(resourceVersion),
    },
  };
}

function objects(count: number): ObjectLike[] {
  return Array.from({ length: count }, (_, i) => objectOf(i));
}

/** A collection in memory that is listed in one page and whose changes are pushed by hand. */
class Source implements ListerWatcher<ObjectLike> {
  readonly supportsWatchList: boolean = false;
  readonly #items: readonly ObjectLike[];
  readonly #events: ReflectorEvent<ObjectLike>[] = [];
  #wake: () => void = () => {};

  constructor(items: readonly ObjectLike[]) {
    this.#items = items;
  }

  push(type: 'ADDED' | 'MODIFIED', object: ObjectLike): void {
    this.#events.push({ type, object });
    this.#wake();
  }

  list(): ReturnType<ListerWatcher<ObjectLike>['list']> {
    const metadata = { resourceVersion: String(this.#items.length) };
    return Promise.resolve({ items: this.#items, metadata });
  }

  async *watch({
    signal,
  }: Parameters<ListerWatcher<ObjectLike>['watch']>[0]): AsyncGenerator<
    ReflectorEvent<ObjectLike>
  > {
    const stopped = (): void => this.#wake();
    signal?.addEventListener('abort', stopped);
    for (;;) {
      if (signal?.aborted === true) return;
      yield* this.#events.splice(0);
      if (this.#events.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** Runs an informer that has synced, and stops it. */
async function withInformer(
  count: number,
  use: (informer: SharedInformer<ObjectLike>, source: Source) => Promise<readonly number[]>,
): Promise<readonly number[]> {
  const source = new Source(objects(count));
  const informer = new SharedInformer<ObjectLike>({ listerWatcher: source, freeze: false });
  const stop = new AbortController();
  const ended = informer.run({ signal: stop.signal });
  await informer.waitForSync();
  try {
    return await use(informer, source);
  } finally {
    stop.abort();
    await ended;
  }
}

const list: Benchmark = {
  id: 'reflector/list',
  lines: [
    {
      title: 'reflector: list 10,000 objects into a store',
      per: 'object',
      statistic: 'median',
    },
  ],
  sample(limits) {
    const count = limits.quick ? 1000 : 10_000;
    const items = objects(count);
    return sampleRounds(limits, count, async () => {
      const stop = new AbortController();
      const store = Object.assign(new Store<ObjectLike>({ freeze: false }), { resync: () => {} });
      const source = new Source(items);
      const started = nowNs();
      let took = 0;
      const listerWatcher: ListerWatcher<ObjectLike> = {
        supportsWatchList: false,
        list: () => source.list(),
        watch: (request) => {
          took = nowNs() - started;
          stop.abort();
          return source.watch(request);
        },
      };
      await new Reflector<ObjectLike>({ listerWatcher, store }).run({ signal: stop.signal });
      if (store.size !== count) throw new Error('The list is wrong');
      return took;
    });
  },
};

const readWrite: Benchmark = {
  id: 'informer/read-write',
  lines: [
    {
      title: 'informer: change one of 10,000 objects and list one of 100 namespaces',
      per: 'change and list',
      statistic: 'median',
    },
  ],
  async sample(limits) {
    const count = limits.quick ? 1000 : 10_000;
    return withInformer(count, async (informer, source) => {
      const told = { changes: 0 };
      const { lister } = informer;
      const registration = informer.addEventHandler({ update: () => void (told.changes += 1) });
      await registration.synced();
      let version = count;
      return sampleRounds(limits, pairs, async () => {
        const goal = told.changes + pairs;
        const started = nowNs();
        for (let i = 0; i < pairs; i += 1) {
          source.push('MODIFIED', objectOf(i % count, (version += 1)));
          const found = lister.byNamespace(`namespace-${i % namespaces}`).list();
          if (found.length !== count / namespaces) throw new Error('The list is wrong');
        }
        while (told.changes < goal) await setImmediate();
        return nowNs() - started;
      });
    });
  },
};

const slowHandler: Benchmark = {
  id: 'informer/slow-handler',
  lines: [
    {
      title: 'informer: bring 500 objects into the cache while a handler takes 1 ms for each',
      per: 'object',
      statistic: 'median',
    },
  ],
  sample: (limits: Limits) =>
    sampleRounds(limits, additions, async () => {
      const took = await withInformer(0, async (informer, source) => {
        const slow = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1));
        const registration = informer.addEventHandler({ add: slow });
        await registration.synced();
        const started = nowNs();
        for (let i = 0; i < additions; i += 1) source.push('ADDED', objectOf(i));
        while (informer.indexer.size < additions) await setImmediate();
        return [nowNs() - started];
      });
      return took[0] ?? 0;
    }),
};

export const informerBenchmarks: readonly Benchmark[] = [list, readWrite, slowHandler];
