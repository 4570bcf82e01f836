import type { Manager } from '../apply/managers.ts';
import type { Registry } from '../registry/registry.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import type { Storage } from '../storage/storage.ts';

/** What every operation works on. */
export interface Cluster {
  readonly storage: Storage;
  readonly registry: Registry;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Hands out cluster addresses of services. */
  readonly nextClusterIp: () => string;
}

/** One request to change something. */
export interface WriteRequest {
  readonly resource: ResourceDefinition;
  /** `undefined` for cluster-scoped resources. */
  readonly namespace: string | undefined;
  readonly subresource?: string | undefined;
  /** Whether the new state is the outcome of a patch. */
  readonly patched?: boolean;
  /** Validates and answers, stores nothing. */
  readonly dryRun: boolean;
  /** Who owns the fields that this write sets. */
  readonly manager: string;
  /** How the fields are owned; default `Update`. */
  readonly operation?: 'Update' | 'Apply';
  /** Who owns what after the write, where the caller knows it already: server-side apply. */
  readonly managers?: readonly Manager[];
}

/** A time as the API writes it: UTC, whole seconds. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
