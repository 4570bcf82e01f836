import { inspect } from 'node:util';
import type { ListerWatcher } from '@kubeloop/reflector';

/** What is kept of the objects of a resource that `projected` made. */
export interface Projection {
  /** The paths, sorted, each once, without those that are always kept. */
  readonly paths: readonly string[];
  /** Makes the smaller object; the given one is not changed. For an informer without a factory: its `transform`. */
  readonly pick: <T extends object>(obj: T) => T;
}

/** What an informer needs to know about a kind of object. `Resource` of `@kubeloop/client` fits. */
export interface InformerResource<T> {
  /** The API group; empty for the core group. */
  readonly group: string;
  /** The version within the group. */
  readonly version: string;
  /** The plural as it stands in paths. */
  readonly plural: string;
  /** The kind as it stands in objects. */
  readonly kind: string;
  /** Whether objects live in namespaces. */
  readonly namespaced: boolean;
  /** Group and version as they stand in objects. */
  readonly apiVersion: string;
  /** The name people use: `deployments.apps`, or `pods` for the core group. */
  readonly name: string;
  /** Set by `projected`: what is kept of each object. */
  readonly projection?: Projection | undefined;
  /** The type of the objects, for the compiler alone; never set. */
  readonly _type?: T | undefined;
}

/** Where a factory gets its data. `KubeClient` of `@kubeloop/client` fits. */
export interface InformerClient {
  /** A kind of object in all namespaces, or in the one asked for. */
  resource<T>(resource: InformerResource<T>): ListerWatcher<T> & {
    namespace(name: string): ListerWatcher<T>;
  };
}

/** @throws TypeError when this is no resource */
export function checkResource(resource: InformerResource<unknown>): void {
  if (typeof resource?.plural !== 'string' || typeof resource.name !== 'string')
    throw new TypeError(
      `Cannot watch ${inspect(resource, { depth: 0 })}: it is no resource; make one with defineResource`,
    );
}
