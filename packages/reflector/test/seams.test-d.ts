import type { ObjectLike, Store } from '@kubeloop/cache-store';
import { pods, type KubeClient, type ResourceClient } from '@kubeloop/client';
import { expectTypeOf } from 'vitest';
import { Reflector, type ListerWatcher, type ReflectorStore } from '../src/index.ts';

interface Pod extends ObjectLike {
  readonly spec?: { readonly nodeName?: string };
}

expectTypeOf<ResourceClient<Pod>>().toExtend<ListerWatcher<Pod>>();

expectTypeOf<Store<Pod> & { resync(): void }>().toExtend<ReflectorStore<Pod>>();

/** The same for any type of object. */
export function asListerWatcher<T extends ObjectLike>(client: ResourceClient<T>): ListerWatcher<T> {
  return client;
}

/** A built-in kind of the client fits without a cast, and its type is found by itself. */
export function reflectPods(client: KubeClient): void {
  const listerWatcher = client.resource(pods);
  const reflector = new Reflector({
    listerWatcher,
    store: {
      add: (pod) => void expectTypeOf(pod.spec?.nodeName).toEqualTypeOf<string | undefined>(),
      update: () => {},
      delete: () => {},
      replace: () => {},
      resync: () => {},
    },
  });
  expectTypeOf(reflector.lastSyncResourceVersion).toEqualTypeOf<string>();
}
