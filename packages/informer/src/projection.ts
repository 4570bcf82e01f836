import { inspect } from 'node:util';
import type { ObjectLike } from '@kubeloop/cache-store';
import type { TransformFunc } from './event-queue.ts';
import type { PathIn, Projected } from './projected-type.ts';
import { checkResource, type InformerResource, type Projection } from './resource.ts';

/** As `KeptPath` says to the compiler. */
const alwaysKept: readonly string[] = [
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.deletionTimestamp',
  'metadata.labels',
  'metadata.ownerReferences',
  'metadata.finalizers',
];

/**
 * The same objects, of which informers of a factory keep only what the paths name, in a type that has nothing else.
 *
 * The whole object still travels; it is the cache that is small. A part that no path begins with is not even decoded when the
 * client speaks protobuf. What identifies an object, its labels, owners and finalizers are always kept; `managedFields` only
 * when named. Each list of paths makes an informer of its own.
 *
 * Do not send a projected object back with `update`: what is not in it would be taken away. Use `patch`.
 *
 * @param paths - members with dots between them, such as `spec.nodeName`; `[]` after the name of a list leads into its
 * elements, as in `spec.containers[].image`
 * @throws TypeError when this is no resource or is projected already, or when a path cannot be one
 *
 * @example
 * ```ts
 * import { pods } from '@kubeloop/client';
 * import { projected } from '@kubeloop/informer';
 * const placed = projected(pods, ['spec.nodeName', 'status.phase']);
 * placed.projection.pick({ metadata: { name: 'a' }, spec: { nodeName: 'n', hostname: 'h' } })
 * // => { metadata: { name: 'a' }, spec: { nodeName: 'n' } }
 * ```
 */
export function projected<T extends ObjectLike, const P extends string>(
  resource: InformerResource<T>,
  paths: readonly P[] & readonly PathIn<T, P>[],
): InformerResource<Projected<T, P>> & { readonly projection: Projection } {
  checkResource(resource);
  if (resource.projection)
    throw new TypeError(
      `Cannot project "${resource.name}": it is projected; name all paths at once`,
    );
  if (!Array.isArray(paths) || paths.length === 0)
    throw new TypeError(
      `Cannot project "${resource.name}" to ${inspect(paths, { depth: 0 })}: give a list of paths`,
    );
  const unique = [...new Set<string>(paths)].sort();
  const root = new PathNode();
  for (const path of [...alwaysKept, ...unique]) root.add(segmentsOf(path));
  // The type is for the compiler alone, and it changes here.
  const other = resource as InformerResource<never>;
  return Object.freeze({
    ...other,
    name: `${resource.name} with only ${unique.join(', ')}`,
    projection: Object.freeze({
      paths: Object.freeze(unique),
      // What is picked has the members of the object that are asked for.
      pick: <O extends object>(obj: O): O => root.pick(obj) as O,
    }),
  });
}

/** The transform of the informers of a resource: first what its projection keeps, then what was asked for. */
export function projecting<T extends ObjectLike>(
  { projection }: InformerResource<T>,
  transform: TransformFunc<T> | undefined,
): TransformFunc<T> | undefined {
  if (!projection) return transform;
  return transform ? (obj) => transform(projection.pick(obj)) : projection.pick;
}

/** Whether the projection of a resource keeps what all else is cached without. */
export function namesManagedFields({ projection }: InformerResource<unknown>): boolean {
  return projection?.paths.some((path) => path.startsWith('metadata.managedFields')) === true;
}

/** What is kept below one member. */
class PathNode {
  readonly #children = new Map<string, PathNode>();
  /** All of it, but for {@link #left}. */
  #isWhole = false;
  /** What is left out unless it is named, though all else is kept. */
  readonly #left: string | undefined;

  constructor(name?: string) {
    this.#left = name === 'metadata' ? 'managedFields' : undefined;
  }

  add([name, ...rest]: readonly string[], isTop = true): void {
    if (name === undefined) {
      this.#isWhole = true;
      return;
    }
    let child = this.#children.get(name);
    if (!child) {
      child = new PathNode(isTop ? name : undefined);
      this.#children.set(name, child);
    }
    child.add(rest, false);
  }

  pick(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (this.#isWhole) return this.#left === undefined ? value : this.#all(value);
    if (Array.isArray(value)) return value.map((each) => this.pick(each));
    const kept: Record<string, unknown> = {};
    // Only own members are looked at, and only those asked for: others may not have been decoded yet.
    for (const [name, child] of this.#children)
      if (Object.hasOwn(value, name)) kept[name] = child.pick(Reflect.get(value, name));
    return kept;
  }

  #all(value: object): object {
    const kept: Record<string, unknown> = {};
    for (const name of Object.keys(value))
      if (name !== this.#left || this.#children.has(name)) kept[name] = Reflect.get(value, name);
    return kept;
  }
}

const shape = /^[^.[\]]+(\[\])?(\.[^.[\]]+(\[\])?)*$/;

function segmentsOf(path: unknown): string[] {
  const segments =
    typeof path === 'string' && shape.test(path) && !path.endsWith('[]')
      ? path.split('.').map((segment) => segment.replace('[]', ''))
      : [];
  if (segments.length === 0 || segments.includes('__proto__'))
    throw new TypeError(
      `Cannot keep ${inspect(path)} of an object: a path is written as spec.containers[].image`,
    );
  return segments;
}
