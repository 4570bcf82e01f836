import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import {
  KubeClient,
  metadataOnly,
  type PartialObjectMetadata,
  pods,
  type Wire,
} from '@kubeloop/client';
import type { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { systemClock } from '@kubeloop/ratelimiter';
import { expectTypeOf } from 'vitest';
import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/all.js';
import {
  type Clock,
  type InformerClient,
  SharedInformer,
  SharedInformerFactory,
} from '../src/index.ts';

const client = new KubeClient({ server: 'http://localhost', skipTLSVerify: true });

// The client of @kubeloop/client is what a factory reads from.
expectTypeOf(client).toExtend<InformerClient>();

// The type of the objects follows from the kind alone.
const informer = new SharedInformerFactory(client).informerFor(pods);
expectTypeOf(informer).toEqualTypeOf<SharedInformer<Wire<V1Pod>>>();
expectTypeOf(informer.lister.byNamespace('n').get('p')).toEqualTypeOf<Wire<V1Pod> | undefined>();

// A handler sees the same type, and cannot write to it.
informer.addEventHandler({
  update: (oldObj, newObj) => {
    expectTypeOf(newObj).toEqualTypeOf<Wire<V1Pod>>();
    // @ts-expect-error -- cached objects are read-only
    newObj.kind = oldObj.kind;
  },
});

// A deletion brings the typed object, or a tombstone of it.
informer.addEventHandler({
  delete: (obj) => {
    expectTypeOf(obj).toEqualTypeOf<Wire<V1Pod> | DeletedFinalStateUnknown<Wire<V1Pod>>>();
    if (DeletedFinalStateUnknown.is(obj))
      expectTypeOf(obj.obj).toEqualTypeOf<Wire<V1Pod> | undefined>();
  },
});

// Indexers and selectors of handlers see the type too.
informer.addIndexers({ byNode: (pod) => [pod.spec?.nodeName ?? ''] });
expectTypeOf(informer.indexer.byIndex('byNode', 'n')).toExtend<readonly Wire<V1Pod>[]>();

// What the server sends of metadata alone has a type of its own, without spec and status.
const metadata = new SharedInformerFactory(client).informerFor(metadataOnly(pods));
expectTypeOf(metadata).toEqualTypeOf<SharedInformer<PartialObjectMetadata>>();

// The cache cannot be written to.
expectTypeOf(informer.indexer).not.toHaveProperty('add');
expectTypeOf(informer.indexer).not.toHaveProperty('replace');

// One collection of a client is what a single informer reads from.
expectTypeOf(new SharedInformer({ listerWatcher: client.resource(pods) })).toEqualTypeOf<
  SharedInformer<Wire<V1Pod>>
>();

// Clocks of @kubeloop/ratelimiter fit.
expectTypeOf<typeof systemClock>().toExtend<Clock>();
expectTypeOf<FakeClock>().toExtend<Clock>();
