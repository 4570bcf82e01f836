import type { ObjectLike } from '@kubeloop/cache-store';
import type { InformerForOptions, ResourceDefaults } from './factory-options.ts';
import { checkPlace } from './place.ts';
import { checkResource, type InformerResource } from './resource.ts';

/**
 * What holds for each informer of a kind that is not asked for with something else, as an element of the factory's
 * `byResource`. For exactly this resource: `metadataOnly(pods)` and `projected(pods, ...)` are others than `pods`.
 *
 * @throws TypeError when this is no resource, or when the options name a namespace and a set of them
 *
 * @example
 * ```ts
 * import { pods, secrets } from '@kubeloop/client';
 * import { defaultsFor } from '@kubeloop/informer';
 * const byResource = [
 *   defaultsFor(pods, { labelSelector: 'app=web' }),
 *   defaultsFor(secrets, { namespace: 'web', transform: ({ data: _, ...rest }) => rest }),
 * ];
 * byResource.length // => 2
 * ```
 */
export function defaultsFor<T extends ObjectLike>(
  resource: InformerResource<T>,
  options: InformerForOptions<T>,
): ResourceDefaults {
  checkResource(resource);
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`Cannot make defaults for "${resource.name}": there are no options`);
  checkPlace(options);
  return { resource, options };
}

/** What tells a resource from all others: the kind tells whole objects from their metadata alone. */
export function identityOf(resource: InformerResource<unknown>): string {
  const { group, version, plural, kind, projection } = resource;
  return JSON.stringify([group, version, plural, kind, ...(projection?.paths ?? [])]);
}

/** Finds the defaults of a resource. */
export class DefaultsByResource {
  readonly #byIdentity = new Map<string, object>();

  /** @throws Error when there are two for one resource; TypeError when one was not made by {@link defaultsFor} */
  constructor(all: readonly ResourceDefaults[]) {
    for (const { resource, options } of all) {
      checkResource(resource);
      const identity = identityOf(resource);
      if (this.#byIdentity.has(identity))
        throw new Error(
          `Cannot take defaults for "${resource.name}" twice: put all of them into one defaultsFor`,
        );
      this.#byIdentity.set(identity, options);
    }
  }

  /** Empty when there are none. */
  of<T extends ObjectLike>(resource: InformerResource<T>): InformerForOptions<T> {
    // The options were made for the same resource, and so for the same type of objects.
    return this.#byIdentity.get(identityOf(resource)) ?? {};
  }
}
