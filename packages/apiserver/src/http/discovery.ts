import type { ResourceDefinition } from '../registry/definition.ts';
import type { Registry } from '../registry/registry.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What `/version` answers. */
export const VERSION: object = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3+kubeloop',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: '',
};

/** The discovery document at a path, or `undefined` when the path has none. */
export function discoveryDocument(registry: Registry, pathname: string): object | undefined {
  const [root, group, version, ...rest] = pathname.replace(/\/$/, '').slice(1).split('/');
  if (rest.length > 0) return undefined;
  if (root === 'version' && group === undefined) return VERSION;
  if (root === 'api' && version === undefined) {
    if (group === undefined) return coreVersions();
    return group === 'v1' ? resourceList(registry, '', 'v1') : undefined;
  }
  if (root !== 'apis') return undefined;
  if (group === undefined) {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(registry) };
  }
  if (version === undefined) {
    const found = groupsOf(registry).find((item) => item.name === group);
    return found === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...found };
  }
  return registry.hasGroupVersion(group, version)
    ? resourceList(registry, group, version)
    : undefined;
}

function coreVersions(): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

interface Group {
  readonly name: string;
  readonly versions: { groupVersion: string; version: string }[];
  readonly preferredVersion: { groupVersion: string; version: string };
}

function groupsOf(registry: Registry): Group[] {
  const groups = new Map<string, Group>();
  for (const { group, version, apiVersion } of registry.all()) {
    if (group === '') continue;
    const entry = { groupVersion: apiVersion, version };
    const known = groups.get(group);
    if (known === undefined) {
      groups.set(group, { name: group, versions: [entry], preferredVersion: entry });
    } else if (!known.versions.some((item) => item.version === version)) {
      known.versions.push(entry);
    }
  }
  return [...groups.values()];
}

function resourceList(registry: Registry, group: string, version: string): object {
  const resources = registry
    .all()
    .filter((resource) => resource.group === group && resource.version === version)
    .flatMap((resource) => [
      main(resource),
      ...resource.subresources.map((name) => sub(resource, name)),
    ])
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

type Entry = { name: string } & Record<string, unknown>;

function main(resource: ResourceDefinition): Entry {
  const { shortNames } = resource;
  return {
    name: resource.plural,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: resource.deletesCollections
      ? verbs
      : verbs.filter((verb) => verb !== 'deletecollection'),
    ...(shortNames.length === 0 ? {} : { shortNames }),
  };
}

const subKinds: Readonly<Record<string, readonly [group: string, version: string, kind: string]>> =
  {
    scale: ['autoscaling', 'v1', 'Scale'],
    eviction: ['policy', 'v1', 'Eviction'],
  };

function sub(resource: ResourceDefinition, name: string): Entry {
  const typed = subKinds[name];
  const create = name === 'binding' || name === 'eviction';
  const update = name === 'finalize' ? ['update'] : ['get', 'patch', 'update'];
  return {
    name: `${resource.plural}/${name}`,
    singularName: '',
    namespaced: resource.namespaced,
    ...(typed === undefined ? {} : { group: typed[0], version: typed[1] }),
    kind: typed?.[2] ?? (name === 'binding' ? 'Binding' : resource.kind),
    verbs: create ? ['create'] : update,
  };
}
