import type { ObjectLike } from '@kubeloop/cache-store';
import { shown } from './checks.ts';
import {
  checkInformerFor,
  type InformerForOptions,
  type ResourceDefaults,
} from './factory-options.ts';
import { checkResource, type InformerResource } from './resource.ts';

/**
 * What holds for each informer of a kind that is not asked for with something else, as an element of the factory's
 * `byResource`. For exactly this resource: `metadataOnly(pods)` and `projected(pods, ...)` are others than `pods`.
 *
 * @throws TypeError or RangeError when this is no resource, or when an option cannot be used; SelectorError when a selector
 * cannot be read
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
  checkInformerFor(options);
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
    if (!Array.isArray(all))
      throw new TypeError(`Cannot use ${shown(all)} as byResource: give a list`);
    for (const each of all) {
      if (typeof each !== 'object' || each === null)
        throw new TypeError(`Cannot use ${shown(each)} in byResource: make it with defaultsFor`);
      const { resource, options } = each;
      checkResource(resource);
      checkInformerFor(options);
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
