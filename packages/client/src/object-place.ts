import { checkSegment } from './resource-path.ts';
import type { Resource } from './resource.ts';

/** Where an object belongs. */
export interface Place {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** The part of an object that says where it belongs. */
interface Located {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: {
    readonly name?: unknown;
    readonly namespace?: unknown;
    readonly generateName?: unknown;
  };
}

/**
 * Refuses calls that would go to another path than the caller means.
 *
 * @throws TypeError when a namespace is needed and none is chosen
 */
export function requireNamespace(resource: Resource<unknown>, verb: string, place: Place): void {
  if (!resource.namespaced || place.namespace !== undefined) return;
  const object = place.name === undefined ? '' : ` ${JSON.stringify(place.name)}`;
  throw new TypeError(
    `Cannot ${verb} ${resource.name}${object}: ${resource.name} live in namespaces, choose one with namespace(name)`,
  );
}

/**
 * Finds out where an object belongs.
 *
 * @param chosen - the namespace of the client
 * @throws TypeError when the resource is metadata only, or the object is none, is of another kind, has no name, or contradicts the chosen namespace
 */
export function placeOf(
  object: unknown,
  resource: Resource<unknown>,
  options: { readonly verb: string; readonly chosen: string | undefined },
): Place {
  const { verb, chosen } = options;
  const problem = (words: string): TypeError =>
    new TypeError(`Cannot ${verb} ${resource.name}: ${words}`);
  if (resource.isMetadataOnly)
    throw problem('metadata is only a part of an object; patch it, or use the resource itself');
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    throw problem('the object is none');
  // Every member is looked at as unknown.
  const { apiVersion, kind, metadata } = object as Located;
  if (kind !== undefined && kind !== resource.kind)
    throw problem(`the object is of kind ${JSON.stringify(kind)}, not "${resource.kind}"`);
  if (apiVersion !== undefined && apiVersion !== resource.apiVersion)
    throw problem(
      `the object has apiVersion ${JSON.stringify(apiVersion)}, not "${resource.apiVersion}"`,
    );
  const { name, namespace, generateName } = metadata ?? {};
  if (name !== undefined) checkSegment('name', name);
  else if (verb !== 'create' || !generateName) throw problem('the object has no metadata.name');
  if (namespace !== undefined && namespace !== '') {
    checkSegment('namespace', namespace);
    if (!resource.namespaced)
      throw problem(
        `the object has namespace ${JSON.stringify(namespace)}, but ${resource.name} are cluster-scoped`,
      );
    if (chosen !== undefined && chosen !== namespace)
      throw problem(
        `the object has namespace ${JSON.stringify(namespace)}, but "${chosen}" is chosen`,
      );
  }
  // Both were checked to be texts where they are given.
  const place = { name, namespace: chosen ?? (namespace || undefined) } as Place;
  requireNamespace(resource, verb, place);
  return place;
}
