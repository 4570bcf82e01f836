import type { SubjectResource } from './subject-protocol.ts';

/** The address of all objects of a resource, in one namespace or in all. */
export function collectionPath(
  { group, version, plural }: SubjectResource,
  namespace?: string,
): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${namespace}/${plural}`;
}

/** An object that carries a version, or without a place the merge patch that gives it one. */
export function objectOf(
  { group, version, kind }: SubjectResource,
  place: { readonly namespace: string; readonly name: string } | undefined,
  mark: number,
): Record<string, unknown> {
  const written = `${mark}`;
  const at = `${Date.now()}`;
  const content =
    kind === 'Secret'
      ? { stringData: { version: written, at } }
      : kind === 'ConfigMap'
        ? { data: { version: written, at } }
        : { spec: { version: mark, at } };
  if (place === undefined) return content;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const { namespace, name } = place;
  return { apiVersion, kind, metadata: { namespace, name }, ...content };
}
