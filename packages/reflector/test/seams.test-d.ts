import type { ObjectLike, Store } from '@kubeloop/cache-store';
import type { ResourceClient } from '@kubeloop/client';
import { expectTypeOf } from 'vitest';
import type { ListerWatcher, ReflectorStore } from '../src/index.ts';

interface Pod extends ObjectLike {
  readonly spec?: { readonly nodeName?: string };
}

expectTypeOf<ResourceClient<Pod>>().toExtend<ListerWatcher<Pod>>();

expectTypeOf<Store<Pod> & { resync(): void }>().toExtend<ReflectorStore<Pod>>();

/** The same for any type of object. */
export function asListerWatcher<T extends ObjectLike>(client: ResourceClient<T>): ListerWatcher<T> {
  return client;
}
