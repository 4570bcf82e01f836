import { checkTexts } from './checks.ts';
import { checkNamespaces } from './informer-options.ts';
import type { NamespaceSet } from './namespace-set.ts';
import type { InformerResource } from './resource.ts';
import type { InformerScope } from './selection.ts';

/** Where an informer looks: in one namespace, in all (empty), or in those of a set. */
export type Place = string | NamespaceSet;

/** The options that name a place. */
export type PlaceOptions = Pick<InformerScope, 'namespace' | 'namespaces'>;

/** @throws TypeError when two places are named at once, or what should be a name or a set is none */
export function checkPlace({ namespace, namespaces }: PlaceOptions): void {
  checkTexts({ namespace }, ['namespace']);
  checkNamespaces(namespaces);
  if (namespaces !== undefined && namespace !== undefined)
    throw new TypeError(
      `Cannot watch namespace "${namespace}" and a set of namespaces at once: give one of the two`,
    );
}

/**
 * The place that is named first; all namespaces when none is.
 *
 * @throws TypeError when the first of them names one, and objects of the kind have none
 */
export function placeOf(
  resource: InformerResource<unknown>,
  ...levels: readonly PlaceOptions[]
): Place {
  levels.forEach(checkPlace);
  const [asked] = levels;
  if (resource.namespaced) {
    const named = levels.find((each) => each.namespaces ?? each.namespace !== undefined);
    return named?.namespaces ?? named?.namespace ?? '';
  }
  if (!asked?.namespaces && !asked?.namespace) return '';
  const where = asked.namespaces ? 'a set of namespaces' : `namespace "${asked.namespace}"`;
  throw new TypeError(`Cannot watch "${resource.name}" in ${where}: its objects have no namespace`);
}
