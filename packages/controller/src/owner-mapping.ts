import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import type { SharedInformer } from '@kubeloop/informer';
import type { LogFields, Logger } from './logger.ts';
import type { OwnerKind, OwnerReference } from './owner-references.ts';
import { ownersOfKind } from './owner-references.ts';
import type { Predicate } from './predicates.ts';
import type { Request } from './request.ts';

/** What must be known of a resource to make requests for its objects from references to them. */
export interface OwnerResource extends OwnerKind {
  /** Whether its objects live in namespaces. */
  readonly namespaced: boolean;
}

/** One step on the way from an object to the owner of its owner: a resource and a cache of it. */
export interface OwnerLink extends OwnerResource {
  /**
   * The cached object with a key (`namespace/name`, or `name` when cluster-scoped), or `undefined`.
   */
  readonly getByKey: (key: string) => ObjectLike | undefined;
  /** What is known of an object of this uid that is not in the cache any more. Default: nothing. */
  readonly getGone?: ((uid: string) => ObjectLike | undefined) | undefined;
}

/** How owners are found. */
export interface OwnerMappingOptions {
  /** Whether owners count that are not the controller. Default `false`. */
  readonly matchEveryOwner?: boolean | undefined;
  /** Told why an object led to no request. Default: nobody is. */
  readonly onMissing?: ((reason: string, fields: LogFields) => void) | undefined;
}

/**
 * Maps an object to its owner of one resource. Group and kind must match, the version need not. Only the controller
 * counts unless `matchEveryOwner` says otherwise.
 */
export function ownerRequests(
  owner: OwnerResource,
  options: OwnerMappingOptions = {},
): (object: ObjectLike) => readonly Request[] {
  return throughOwners([], owner, options);
}

/**
 * Maps an object to the owner of its owner, however many steps up, through caches and without a call to the API server:
 * `links` are the owners in between, the nearest first. Each is looked up by namespace and name, and must have the uid
 * that the reference names; one that is gone counts as it was, where the link remembers it. Where a link is missing there
 * is no request, and `onMissing` hears why.
 */
export function throughOwners(
  links: readonly OwnerLink[],
  owner: OwnerResource,
  options: OwnerMappingOptions = {},
): (object: ObjectLike) => readonly Request[] {
  const matchEveryOwner = options.matchEveryOwner ?? false;
  return (object) => {
    let found: readonly ObjectLike[] = [object];
    for (const link of links) {
      found = found.flatMap((each) =>
        ownersOfKind(each, link, matchEveryOwner).flatMap((reference) => {
          const cached = link.getByKey(ownerKey(link, reference, each));
          const reason = missing(cached, reference);
          if (cached && !reason) return [cached];
          const gone = link.getGone?.(reference.uid);
          if (gone) return [gone];
          options.onMissing?.(`An owner on the way up is ${reason}`, {
            object: nameOf(object),
            owner: `${reference.kind}/${reference.name}`,
            ownerUid: reference.uid,
          });
          return [];
        }),
      );
    }
    return found.flatMap((each) =>
      ownersOfKind(each, owner, matchEveryOwner).map((reference): Request => ({
        namespace: owner.namespaced ? (each.metadata?.namespace ?? '') : '',
        name: reference.name,
      })),
    );
  };
}

function ownerKey(link: OwnerLink, reference: OwnerReference, owned: ObjectLike): string {
  const namespace = link.namespaced ? owned.metadata?.namespace : undefined;
  return namespace ? `${namespace}/${reference.name}` : reference.name;
}

function missing(cached: ObjectLike | undefined, reference: OwnerReference): string | undefined {
  if (!cached) return 'not in the cache';
  return cached.metadata?.uid === reference.uid
    ? undefined
    : 'another object of the same name in the cache';
}

function nameOf(object: ObjectLike): string {
  const { namespace, name } = object.metadata ?? {};
  return `${namespace ? `${namespace}/` : ''}${name ?? ''}`;
}

/** Makes caches; a manager fits. */
export interface OwnerCaches {
  /** Where it is told, at debug level, why an object led to no request. */
  readonly logger: Logger;
  /** The shared informer for a resource. */
  informerFor(resource: Resource<ObjectLike>): SharedInformer<ObjectLike>;
}

/** The owners in between, each with the cache of its shared informer. */
export function ownerLinks(
  caches: Pick<OwnerCaches, 'informerFor'>,
  resources: readonly Resource<ObjectLike>[],
): readonly OwnerLink[] {
  return resources.map((resource) => {
    const { group, kind, namespaced } = resource;
    const { indexer } = caches.informerFor(resource);
    return { group, kind, namespaced, getByKey: (key) => indexer.getByKey(key) };
  });
}

/**
 * Maps an object up a chain of owners, the nearest first, to requests for the last one:
 * `watches(pods, ownerChain(manager, [replicaSets, deployments, webApps]))`.
 *
 * The owners in between are looked up in the caches of shared informers. Where one is not there yet, the event is lost;
 * `owns(pods, { through: [replicaSets, deployments] })` watches the owners in between as well and loses nothing.
 */
export function ownerChain(
  caches: OwnerCaches,
  resources: readonly Resource<ObjectLike>[],
): (object: ObjectLike) => readonly Request[] {
  const owner = resources.at(-1);
  if (!owner)
    throw new TypeError('Cannot map to the end of an empty chain of owners: it needs a resource');
  const onMissing = (reason: string, fields: LogFields): void =>
    caches.logger.debug(reason, fields);
  return throughOwners(ownerLinks(caches, resources.slice(0, -1)), owner, { onMissing });
}

/** Passes what can complete or cut a chain of owners: an object's appearance, its end, and changes of its owners. */
export const ownershipChanged: Predicate<ObjectLike> = {
  update: (event) => references(event.old) !== references(event.new),
};

function references(object: ObjectLike): string {
  return JSON.stringify(object.metadata?.ownerReferences ?? []);
}
