import type { KubeObject } from './json.ts';
import type { ResourceDefinition } from './registry/definition.ts';

/** The text of an object without its kind and apiVersion, made once per stored state. */
const bodies = new WeakMap<KubeObject, string>();
/** The other version's view of an object, made once per stored state and version. */
const views = new WeakMap<KubeObject, Map<string, KubeObject>>();

/** The form of a stored object in the version of `resource`. */
export function viewOf(resource: ResourceDefinition, stored: KubeObject): KubeObject {
  if (stored.apiVersion === resource.apiVersion) return stored;
  let byVersion = views.get(stored);
  if (byVersion === undefined) {
    byVersion = new Map();
    views.set(stored, byVersion);
  }
  let view = byVersion.get(resource.apiVersion);
  if (view === undefined) {
    view = resource.fromStored?.(stored) ?? { ...stored, apiVersion: resource.apiVersion };
    byVersion.set(resource.apiVersion, view);
  }
  return view;
}

/** The JSON text of a stored object in the version of `resource`. Shared between all who read it. */
export function objectText(resource: ResourceDefinition, stored: KubeObject): string {
  const head = `{"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(resource.apiVersion)},`;
  return head + bodyText(viewOf(resource, stored)).slice(1);
}

/**
 * The JSON text of an object as an item of a list. Items of built-in lists have no kind and no
 * apiVersion, since the list's type says both; items of custom resource lists have them, and so has
 * metadata.
 */
export function itemText(resource: ResourceDefinition, stored: KubeObject): string {
  return resource.custom === undefined && !resource.isMetadataOnly
    ? bodyText(viewOf(resource, stored))
    : objectText(resource, stored);
}

function bodyText(object: KubeObject): string {
  let text = bodies.get(object);
  if (text === undefined) {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
    text = JSON.stringify(rest);
    bodies.set(object, text);
  }
  return text;
}
