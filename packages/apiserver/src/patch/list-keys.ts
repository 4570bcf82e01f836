/** How a list of a built-in type is merged: by key members, as a set, or as one value. */
export type ListShape =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'set' }
  | { readonly kind: 'map'; readonly keys: readonly string[]; readonly mergeKey: string };

const atomic: ListShape = { kind: 'atomic' };
const set: ListShape = { kind: 'set' };

function map(mergeKey: string, ...keys: string[]): ListShape {
  return { kind: 'map', mergeKey, keys: keys.length === 0 ? [mergeKey] : keys };
}

const byField: Readonly<Record<string, ListShape>> = {
  conditions: map('type'),
  containers: map('name'),
  initContainers: map('name'),
  ephemeralContainers: map('name'),
  volumes: map('name'),
  env: map('name'),
  volumeMounts: map('mountPath'),
  volumeDevices: map('devicePath'),
  imagePullSecrets: map('name'),
  hostAliases: map('ip'),
  topologySpreadConstraints: map('topologyKey', 'topologyKey', 'whenUnsatisfiable'),
  ownerReferences: map('uid'),
  finalizers: set,
  podIPs: map('ip'),
  hostIPs: map('ip'),
  resourceClaims: map('name'),
  schedulingGates: map('name'),
  webhooks: map('name'),
  secrets: map('name'),
  podCIDRs: set,
};

/**
 * How the list under `field` is merged, with `parent` the member around it (without list indices).
 * The names come from the API types' `patchMergeKey` and `listMapKey` markers.
 */
export function listShape(parent: string | undefined, field: string): ListShape {
  if (field === 'ports') {
    if (parent?.endsWith('ontainers') === true)
      return map('containerPort', 'containerPort', 'protocol');
    return parent === 'spec' ? map('port', 'port', 'protocol') : atomic;
  }
  if (field === 'addresses') return parent === 'status' ? map('type') : atomic;
  return Object.hasOwn(byField, field) ? (byField[field] ?? atomic) : atomic;
}

/** Members that stand for a key which a list item leaves out. */
export const keyDefaults: Readonly<Record<string, string>> = { protocol: 'TCP' };
