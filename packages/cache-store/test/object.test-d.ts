import type { V1Deployment } from '@kubernetes/client-node/dist/gen/models/V1Deployment.js';
import type { V1LabelSelector } from '@kubernetes/client-node/dist/gen/models/V1LabelSelector.js';
import type { V1ObjectMeta } from '@kubernetes/client-node/dist/gen/models/V1ObjectMeta.js';
import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/V1Pod.js';
import { expectTypeOf } from 'vitest';
import {
  DeletedFinalStateUnknown,
  Indexer,
  type KeyFunc,
  type LabelSelectorObject,
  Lister,
  metaNamespaceIndexFunc,
  metaNamespaceKeyFunc,
  type ObjectLike,
  type ObjectMetaLike,
  ownerUidIndexFunc,
  Store,
} from '../src/index.ts';

// The generated classes of client-node fit.
expectTypeOf<V1Pod>().toExtend<ObjectLike>();
expectTypeOf<V1Deployment>().toExtend<ObjectLike>();
expectTypeOf<V1ObjectMeta>().toExtend<ObjectMetaLike>();
expectTypeOf<V1LabelSelector>().toExtend<LabelSelectorObject>();
expectTypeOf(new Lister(new Indexer<V1Pod>()).list('app=web')).toEqualTypeOf<V1Pod[]>();
expectTypeOf(new Lister(new Indexer<V1Pod>()).byNamespace('a').get('b')).toEqualTypeOf<
  V1Pod | undefined
>();

// So do plain literals, frozen ones and read-only lists.
const literal = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'b', finalizers: ['x'], ownerReferences: [], labels: { app: 'web' } },
  spec: { nodeName: 'n1' },
} as const;
expectTypeOf(literal).toExtend<ObjectLike>();
expectTypeOf(metaNamespaceKeyFunc(literal)).toBeString();
new Store<ObjectLike>().replace([literal] as readonly ObjectLike[]);

// A type with required members and deep readonly fits, and its own members stay visible.
interface Pod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: { readonly name: string; readonly finalizers?: readonly string[] };
  readonly spec: { readonly nodeName: string };
}
const pods = new Indexer<Pod>({
  indexers: {
    namespace: metaNamespaceIndexFunc,
    owner: ownerUidIndexFunc,
    node: (pod) => [pod.spec.nodeName],
  },
});
expectTypeOf(pods.byIndex('node', 'n1')).toEqualTypeOf<Pod[]>();
expectTypeOf(pods).toExtend<Store<Pod>>();
expectTypeOf<KeyFunc>().toExtend<KeyFunc<Pod>>();

// A deletion takes the object or its tombstone, and the tombstone can be told from the object.
expectTypeOf<Parameters<Indexer<Pod>['delete']>[0]>().toEqualTypeOf<
  Pod | DeletedFinalStateUnknown<Pod>
>();
const handler = (obj: Pod | DeletedFinalStateUnknown<Pod>): Pod | undefined =>
  DeletedFinalStateUnknown.is(obj) ? obj.obj : obj;
expectTypeOf(handler).returns.toEqualTypeOf<Pod | undefined>();

// What is no Kubernetes object does not fit.
expectTypeOf<string>().not.toExtend<ObjectLike>();
expectTypeOf<{ readonly metadata: string }>().not.toExtend<ObjectLike>();
expectTypeOf<{ readonly metadata: { readonly name: number } }>().not.toExtend<ObjectLike>();
