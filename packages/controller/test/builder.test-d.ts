import type { KubeClient, Resource, Wire } from '@kubeloop/client';
import { deployments, pods, replicaSets, services } from '@kubeloop/client';
import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/V1Pod.js';
import type { V1Service } from '@kubernetes/client-node/dist/gen/models/V1Service.js';
import { expectTypeOf } from 'vitest';
import type { Controller, FinalizerClient, Manager, Predicate, Result } from '../src/index.ts';
import {
  addFinalizer,
  and,
  generationChanged,
  labelSelectorPredicate,
  ownerChain,
  setControllerReference,
} from '../src/index.ts';

interface WebApp {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly spec: { readonly replicas: number };
}
declare const webApps: Resource<WebApp>;
declare const manager: Manager;

// Whatever a function is given follows from the resource alone.
const controller = manager
  .controller('webapp')
  .for(webApps, {
    predicates: [
      generationChanged,
      { update: (event) => event.old.spec.replicas !== event.new.spec.replicas },
    ],
  })
  .owns(deployments, { predicates: [and(generationChanged, labelSelectorPredicate('app=web'))] })
  .owns(pods, { through: [replicaSets, deployments], matchEveryOwner: true })
  .watches(pods, (pod) => {
    expectTypeOf(pod).toEqualTypeOf<Wire<V1Pod>>();
    return [{ namespace: pod.metadata?.namespace ?? '', name: pod.spec?.nodeName ?? 'none' }];
  })
  .watches(services, {
    create: (event) => {
      expectTypeOf(event.object).toEqualTypeOf<Wire<V1Service>>();
    },
  })
  .watches(pods, ownerChain(manager, [replicaSets, deployments, webApps]))
  .withOptions({ maxConcurrentReconciles: 4 })
  .reconcile(async (request, { signal, logger, reconcileID }) => {
    expectTypeOf(request.name).toEqualTypeOf<string>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    expectTypeOf(reconcileID).toEqualTypeOf<string>();
    logger.info('Reconciled');
    return { requeueAfterMs: 30_000 };
  });
expectTypeOf(controller).toEqualTypeOf<Controller>();

// A reconciler answers with a result, with nothing, or with a promise of either.
const builder = manager.controller('other').for(pods);
builder.reconcile(() => {});
builder.reconcile(async () => {});
builder.reconcile((): Result => ({ requeue: true }));
// @ts-expect-error -- a result has no such member
builder.reconcile(() => ({ requeueAfter: 5 }));
// @ts-expect-error -- a result is an object
builder.reconcile(() => 5);

// Map functions give requests, and see no member that the object does not have.
// @ts-expect-error -- a key is no request
builder.watches(pods, () => ['ns/name']);
// @ts-expect-error -- pods have no replicas
builder.watches(pods, (pod) => [{ namespace: '', name: pod.spec.replicas }]);

// A predicate for one kind of object does not fit another; one for any object fits all.
declare const manyReplicas: Predicate<WebApp>;
builder.owns(webApps, { predicates: [manyReplicas, generationChanged] });
// @ts-expect-error -- pods are no web apps
builder.owns(pods, { predicates: [manyReplicas] });

// The clients of resources fit what finalizers need, and objects keep their types.
declare const client: KubeClient;
declare const pod: Wire<V1Pod>;
expectTypeOf(client.resource(pods)).toExtend<FinalizerClient<Wire<V1Pod>>>();
expectTypeOf(addFinalizer(client.resource(pods), pod, 'example.com/cleanup')).toEqualTypeOf<
  Promise<Wire<V1Pod>>
>();
expectTypeOf(setControllerReference(pod, pod)).toEqualTypeOf<Wire<V1Pod>>();
