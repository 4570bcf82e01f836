/** Where a kind of object lives in the API: the descriptor that {@link defineResource} makes. Immutable and shareable. */
export interface Resource<T> {
  /** The API group, such as `apps`; empty for the core group. */
  readonly group: string;
  /** The version within the group, such as `v1` or `v1beta1`. */
  readonly version: string;
  /** The plural as it stands in paths, such as `deployments`. */
  readonly plural: string;
  /** The kind as it stands in objects, such as `Deployment`. */
  readonly kind: string;
  /** Whether objects live in namespaces. */
  readonly namespaced: boolean;
  /** Group and version as they stand in objects: `apps/v1`, or `v1` for the core group. */
  readonly apiVersion: string;
  /** The name people use: `deployments.apps`, or `pods` for the core group. */
  readonly name: string;
  /** Set by `metadataOnly`: answers hold the metadata of objects and nothing else. */
  readonly isMetadataOnly?: boolean | undefined;
  /** The type of the objects, for the compiler alone; never set. */
  readonly _type?: T | undefined;
}

/** What {@link defineResource} needs to know. */
export interface ResourceDefinition {
  /** The API group; empty for the core group. */
  readonly group: string;
  /** The version within the group. */
  readonly version: string;
  /** The plural in lower case. */
  readonly plural: string;
  /** The kind. */
  readonly kind: string;
  /** Whether objects live in namespaces. */
  readonly namespaced: boolean;
}

const label = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const kindShape = /^[A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;

/**
 * Describes a kind of object, built in or custom, so that a client can reach it. Asks no server.
 *
 * The shapes are those that the API server demands of a CustomResourceDefinition: the group is a DNS
 * subdomain, version and plural are DNS labels, the kind is one in any case.
 *
 * @throws TypeError when a member is missing, of the wrong type or of the wrong shape
 *
 * @example
 * ```ts
 * import { defineResource } from '@kubeloop/client';
 * interface Widget { readonly metadata?: { readonly name?: string }; readonly spec: { readonly size: number } }
 * const widgets = defineResource<Widget>({ group: 'example.com', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true });
 * widgets.name // => 'widgets.example.com'
 * ```
 */
export function defineResource<T>(definition: ResourceDefinition): Resource<T> {
  if (typeof definition !== 'object' || definition === null)
    throw new TypeError(
      `Cannot define resource: the definition is ${show(definition)}, not an object`,
    );
  const { group, version, plural, kind, namespaced } = definition;
  if (group !== '')
    check('group', group, subdomain, 'a DNS subdomain such as "example.com", or empty');
  check('version', version, label, 'a DNS label such as "v1"');
  check('plural', plural, label, 'a DNS label in lower case such as "widgets"');
  check('kind', kind, kindShape, 'a word such as "Widget"');
  if (typeof namespaced !== 'boolean')
    throw new TypeError(
      `Cannot define resource: namespaced is ${show(namespaced)}, not true or false`,
    );
  return Object.freeze({
    group,
    version,
    plural,
    kind,
    namespaced,
    apiVersion: group === '' ? version : `${group}/${version}`,
    name: group === '' ? plural : `${plural}.${group}`,
  });
}

function check(member: string, value: unknown, shape: RegExp, wanted: string): void {
  if (typeof value !== 'string' || !shape.test(value))
    throw new TypeError(`Cannot define resource: ${member} is ${show(value)}, not ${wanted}`);
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
