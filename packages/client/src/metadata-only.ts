import type { V1ObjectMeta } from '@kubernetes/client-node';
import type { Resource } from './resource.ts';
import type { Wire } from './wire.ts';

/** An object of which only the metadata is sent. What kind it is of is known from the resource, not from the object. */
export interface PartialObjectMetadata {
  /** The version of this form, not of the object. */
  readonly apiVersion?: 'meta.k8s.io/v1' | undefined;
  /** The name of this form, not of the object. */
  readonly kind?: 'PartialObjectMetadata' | undefined;
  /** All metadata of the object. */
  readonly metadata?: Wire<V1ObjectMeta>;
}

/**
 * The same objects, of which the server sends the metadata alone: for caches that need names, labels, owners and
 * nothing else, at a part of the traffic and memory.
 *
 * Can be read, watched, patched and deleted, as with client-go's metadata client. Creating, updating and applying
 * are refused, since they need whole objects. Its name is that of the resource after `metadata of`.
 *
 * @throws TypeError when this is no resource
 *
 * @example
 * ```ts
 * import { metadataOnly, pods } from '@kubeloop/client';
 * metadataOnly(pods).name // => 'metadata of pods'
 * ```
 */
export function metadataOnly(resource: Resource<unknown>): Resource<PartialObjectMetadata> {
  if (typeof resource?.plural !== 'string')
    throw new TypeError(
      `Cannot read the metadata of ${JSON.stringify(resource)}: make a resource with defineResource`,
    );
  // The type is for the compiler alone, and it changes here.
  if (resource.isMetadataOnly) return resource as Resource<PartialObjectMetadata>;
  const { group, version, plural, namespaced, name } = resource;
  return Object.freeze({
    group,
    version,
    plural,
    kind: 'PartialObjectMetadata',
    namespaced,
    apiVersion: 'meta.k8s.io/v1',
    name: `metadata of ${name}`,
    isMetadataOnly: true,
  });
}
