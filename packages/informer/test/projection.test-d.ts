import { KubeClient, metadataOnly, pods, type Wire } from '@kubeloop/client';
import type { V1ObjectMeta, V1PodSpec } from '@kubernetes/client-node/dist/gen/models/all.js';
import { expectTypeOf } from 'vitest';
import { projected, SharedInformerFactory } from '../src/index.ts';

const factory = new SharedInformerFactory(
  new KubeClient({ server: 'http://localhost', skipTLSVerify: true }),
);
const { lister } = factory.informerFor(
  projected(pods, [
    'metadata.annotations',
    'spec.nodeName',
    'spec.containers[].image',
    'spec.tolerations',
    'status.phase',
  ]),
);
const [pod] = lister.list();
if (!pod) throw new Error('There is none');

// What was named can be read, with the types of the whole object.
expectTypeOf(pod.spec?.nodeName).toEqualTypeOf<string | undefined>();
expectTypeOf(pod.status?.phase).toEqualTypeOf<string | undefined>();
expectTypeOf(pod.metadata?.annotations).toEqualTypeOf<
  { readonly [key: string]: string } | undefined
>();
expectTypeOf(pod.spec?.containers[0]?.image).toEqualTypeOf<string | undefined>();
expectTypeOf(pod.spec?.tolerations).toEqualTypeOf<Wire<V1PodSpec>['tolerations']>();

// What identifies an object can always be read.
expectTypeOf(pod.kind).toEqualTypeOf<string | undefined>();
expectTypeOf(pod.metadata?.uid).toEqualTypeOf<string | undefined>();
expectTypeOf(pod.metadata?.labels).toEqualTypeOf<Wire<V1ObjectMeta>['labels']>();

// What was not named cannot.
// @ts-expect-error -- no path names it
void pod.spec?.hostname;
// @ts-expect-error -- no path names it
void pod.status?.podIP;
// @ts-expect-error -- no path names it, in a list
void pod.spec?.containers[0]?.name;
// @ts-expect-error -- no path names it, in the metadata
void pod.metadata?.creationTimestamp;

// A projected object stays read-only.
if (pod.spec) {
  // @ts-expect-error -- cached objects are read-only
  pod.spec.nodeName = 'other';
}

// A path that leads nowhere is refused.
// @ts-expect-error -- there is no such member
projected(pods, ['spec.nodeNam']);
// @ts-expect-error -- a list is entered with brackets
projected(pods, ['spec.containers.image']);
// @ts-expect-error -- and nothing else is
projected(pods, ['spec[].nodeName']);
// @ts-expect-error -- a map is kept as a whole
projected(pods, ['metadata.labels.app']);
// @ts-expect-error -- a text has no members that could be kept
projected(pods, ['spec.nodeName.length']);

// All metadata is without managedFields, unless these are named.
const meta = factory.informerFor(projected(pods, ['metadata'])).lister.list()[0]?.metadata;
expectTypeOf(meta?.creationTimestamp).toEqualTypeOf<string | undefined>();
// @ts-expect-error -- dropped
void meta?.managedFields;
const managed = factory.informerFor(projected(pods, ['metadata', 'metadata.managedFields']));
expectTypeOf(managed.lister.list()[0]?.metadata).toEqualTypeOf<Wire<V1ObjectMeta> | undefined>();

// Metadata alone can be projected too.
const named = factory.informerFor(projected(metadataOnly(pods), ['metadata.annotations']));
expectTypeOf(named.lister.list()[0]?.metadata?.name).toEqualTypeOf<string | undefined>();
// @ts-expect-error -- no path names it
void named.lister.list()[0]?.metadata?.creationTimestamp;
