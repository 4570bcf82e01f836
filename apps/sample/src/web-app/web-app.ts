import { defineResource, type Resource } from '@kubeloop/client';
import type { Condition } from '@kubeloop/controller';

/** What the author of a WebApp wants. */
export interface WebAppSpec {
  /** The container image. */
  readonly image: string;
  /** How many pods serve it; default 1. */
  readonly replicas?: number;
  /** The port the container listens on; default 8080. */
  readonly port?: number;
  /** Given to the container as environment variables; a change rolls the pods. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What the controller found. */
export interface WebAppStatus {
  /** The generation of the spec that this status speaks of. */
  readonly observedGeneration?: number;
  /** Pods that exist. */
  readonly replicas?: number;
  /** Pods that are ready. */
  readonly readyReplicas?: number;
  /** Ready pods that the Service's selector reaches. */
  readonly endpoints?: number;
  /** The nodes that carry its pods, sorted. */
  readonly nodes?: readonly string[];
  readonly conditions?: readonly Condition[];
}

/** A web application: an image, how often it runs, and its settings. */
export interface WebApp {
  readonly apiVersion: 'demo.kubeloop.dev/v1';
  readonly kind: 'WebApp';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: WebAppSpec;
  readonly status?: WebAppStatus;
}

export const webApps: Resource<WebApp> = defineResource<WebApp>({
  group: 'demo.kubeloop.dev',
  version: 'v1',
  plural: 'webapps',
  kind: 'WebApp',
  namespaced: true,
});

/** A WebApp as somebody would write it. */
export function webAppNamed(namespace: string, name: string, spec: WebAppSpec): WebApp {
  return {
    apiVersion: 'demo.kubeloop.dev/v1',
    kind: 'WebApp',
    metadata: { name, namespace },
    spec,
  };
}
