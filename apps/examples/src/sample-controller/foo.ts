import type { V1ObjectMeta } from '@kubernetes/client-node';
import { defineResource, type Resource, type Wire } from '@kubeloop/client';

/** Asks for a Deployment of a name and a size. */
export interface Foo {
  readonly apiVersion: 'samplecontroller.k8s.io/v1alpha1';
  readonly kind: 'Foo';
  /** What the API server keeps always has a name and a namespace. */
  readonly metadata: Wire<V1ObjectMeta> & { readonly name: string; readonly namespace: string };
  readonly spec: {
    /** The Deployment's name. Without one nothing is done. */
    readonly deploymentName?: string;
    /** How many pods the Deployment has. Without it, as many as somebody scaled it to. */
    readonly replicas?: number;
  };
  readonly status?: {
    /** How many pods of the Deployment are available. */
    readonly availableReplicas: number;
  };
}

/** Where Foos are in the API; `manifests/crd.yaml` makes a cluster serve them. */
export const foos: Resource<Foo> = defineResource<Foo>({
  group: 'samplecontroller.k8s.io',
  version: 'v1alpha1',
  plural: 'foos',
  kind: 'Foo',
  namespaced: true,
});
