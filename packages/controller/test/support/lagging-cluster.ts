import type { ObjectLike } from '@kubeloop/cache-store';
import type { KubeClient, Resource } from '@kubeloop/client';
import { configMaps } from '@kubeloop/client';
import type { ReflectorSettings } from '@kubeloop/informer';
import { SharedInformer } from '@kubeloop/informer';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { InformerSelection } from '../../src/informer-selection.ts';
import type { Consistency } from '../../src/consistency/consistent-client.ts';
import { ConsistentClient } from '../../src/consistency/consistent-client.ts';
import type { ConsistentResource } from '../../src/consistency/consistent-resource.ts';

type Store = ReflectorSettings<ObjectLike>['store'];

interface Change {
  readonly type: 'add' | 'update' | 'delete';
  readonly object: ObjectLike;
}

/** A cache whose watch brings what happened only when the test lets it. */
export class LaggingCache {
  readonly informer: SharedInformer<ObjectLike>;
  handlers = 0;
  readonly #changes: Change[] = [];
  #store: Store | undefined;

  constructor(clock: FakeClock, initial: () => readonly ObjectLike[], version: () => string) {
    this.informer = new SharedInformer<ObjectLike>({
      name: 'configmaps',
      clock,
      listerWatcher: { list: neverCalled, watch: neverCalled },
      newReflector: ({ store }) => ({
        lastSyncResourceVersion: '',
        run: async ({ signal }) => {
          this.#changes.length = 0;
          await store.replace([...initial()], version());
          this.#store = store;
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        },
      }),
    });
    const add = this.informer.addEventHandler.bind(this.informer);
    this.informer.addEventHandler = (...args) => {
      this.handlers += 1;
      return add(...args);
    };
  }

  push(change: Change): void {
    this.#changes.push(change);
  }

  /** Brings the cache so many changes further. */
  async deliver(count: number = this.#changes.length): Promise<void> {
    for (const { type, object } of this.#changes.splice(0, count))
      await this.#store?.[type](object);
  }

  /** Gives the cache a whole list, as after a lost watch. */
  async relist(objects: readonly ObjectLike[], version: string): Promise<void> {
    this.#changes.length = 0;
    await this.#store?.replace([...objects], version);
  }

  /** Tells the cache how new it is. */
  async bookmark(version: string): Promise<void> {
    await this.#store?.bookmark?.(version);
  }
}

function neverCalled(): never {
  throw new Error('The reflector is replaced');
}

/** ConfigMaps on a server, a cache that lags behind, and a consistent client of both. */
export class LaggingCluster {
  readonly clock: FakeClock = new FakeClock();
  readonly client: ConsistentClient;
  readonly resource: ConsistentResource<ObjectLike>;
  readonly calls: string[] = [];
  readonly objects: Map<string, ObjectLike> = new Map();
  /** What the server waits for before it answers. */
  answer: Promise<unknown> = Promise.resolve();
  readonly #caches = new Map<string, LaggingCache>();
  readonly #stop = new AbortController();
  #running: Promise<void>[] = [];
  #version = 10;

  constructor(consistency: Consistency = 'barrier', namespace?: string) {
    this.client = new ConsistentClient({
      // The consistent client uses the resource clients alone.
      client: { resource: () => this.#resourceClient() } as unknown as Pick<KubeClient, 'resource'>,
      informerFor: <T extends ObjectLike>(_resource: Resource<T>, selection?: InformerSelection) =>
        // Only ConfigMaps are asked for.
        this.cache(selection).informer as unknown as SharedInformer<T>,
      scopeOf: (_, selection) => ({ namespace, ...selection }),
      consistency,
      timeoutMs: 5000,
      clock: this.clock,
    });
    this.resource = this.client.resource(configMaps).namespace('ns');
  }

  cache(selection?: InformerSelection): LaggingCache {
    const id = JSON.stringify(selection ?? {});
    const cache =
      this.#caches.get(id) ??
      new LaggingCache(
        this.clock,
        () => [...this.objects.values()],
        () => `${this.#version}`,
      );
    this.#caches.set(id, cache);
    return cache;
  }

  /** Runs the caches that were asked for; they hold all that is there now. */
  async start(): Promise<void> {
    this.cache();
    const { signal } = this.#stop;
    this.#running = Array.from(this.#caches.values(), ({ informer }) => informer.run({ signal }));
    await this.clock.settle();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  /** What another client does. */
  write(object: ObjectLike): ObjectLike {
    const { name = '', namespace = 'ns' } = object.metadata ?? {};
    const key = `${namespace}/${name}`;
    const before = this.objects.get(key);
    if (before?.metadata?.deletionTimestamp && !object.metadata?.finalizers) {
      // As an API server: what takes the last finalizer is answered with the version from before.
      const { metadata } = this.remove(name);
      return { ...object, metadata: { ...metadata, finalizers: undefined } };
    }
    this.#version += 1;
    const uid = before?.metadata?.uid ?? `uid-${this.#version}`;
    const metadata = { ...object.metadata, namespace, uid, resourceVersion: `${this.#version}` };
    const next = { ...object, metadata };
    this.objects.set(key, next);
    this.#push({ type: before ? 'update' : 'add', object: next });
    return next;
  }

  /** What another client deletes. */
  remove(name: string): ObjectLike {
    const gone = this.objects.get(`ns/${name}`);
    if (!gone) throw new Error('not found');
    this.#version += 1;
    this.objects.delete(`ns/${name}`);
    const metadata = { ...gone.metadata, resourceVersion: `${this.#version}` };
    this.#push({ type: 'delete', object: { ...gone, metadata } });
    return gone;
  }

  #push(change: Change): void {
    for (const cache of this.#caches.values()) cache.push(change);
  }

  #resourceClient(): unknown {
    const write = (verb: string) => async (target: ObjectLike | string, patch?: object) => {
      this.calls.push(verb);
      const object = typeof target === 'string' ? { metadata: { name: target }, ...patch } : target;
      const written = this.write(object);
      await this.answer;
      return written;
    };
    const names = ['create', 'update', 'patch', 'apply', 'updateStatus', 'patchStatus'] as const;
    const more = ['applyStatus', 'updateScale', 'patchScale'] as const;
    const client = {
      resource: configMaps,
      namespace: () => client,
      ...Object.fromEntries([...names, ...more].map((name) => [name, write(name)])),
      delete: async (name: string) => {
        this.calls.push('delete');
        const object = this.objects.get(`ns/${name}`);
        if (object?.metadata?.finalizers) {
          const deletionTimestamp = '2020-01-01T00:00:00Z';
          return write('delete')({
            ...object,
            metadata: { ...object.metadata, deletionTimestamp },
          });
        }
        const { metadata } = this.remove(name);
        await this.answer;
        return { kind: 'Status', status: 'Success', details: { uid: metadata?.uid } };
      },
    };
    return client;
  }
}

/** Whether a promise has settled by now, on a clock that stands still. */
export async function hasSettled(promise: Promise<unknown>, clock: FakeClock): Promise<boolean> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  await clock.settle();
  return isSettled;
}

/** A ConfigMap of a name. */
export function configMap(name: string, labels?: Record<string, string>): ObjectLike {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...(labels && { labels }) } };
}
