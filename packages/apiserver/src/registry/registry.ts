import type { ResourceDefinition } from './definition.ts';

/** What is served at the moment: built-in resources and those of established definitions. */
export class Registry {
  /** By `group/version/plural`. */
  readonly #byPath = new Map<string, ResourceDefinition>();
  /** By `apiVersion/kind`, for owner references. */
  readonly #byKind = new Map<string, ResourceDefinition>();

  constructor(resources: readonly ResourceDefinition[]) {
    for (const resource of resources) this.add(resource);
  }

  /** Serves a resource, in place of one with the same group, version and plural. */
  add(resource: ResourceDefinition): void {
    this.#byPath.set(`${resource.group}/${resource.version}/${resource.plural}`, resource);
    this.#byKind.set(`${resource.apiVersion}/${resource.kind}`, resource);
  }

  /** Stops serving every version of a resource. */
  remove(group: string, plural: string): void {
    for (const [path, resource] of this.#byPath) {
      if (resource.group !== group || resource.plural !== plural) continue;
      this.#byPath.delete(path);
      this.#byKind.delete(`${resource.apiVersion}/${resource.kind}`);
    }
  }

  find(group: string, version: string, plural: string): ResourceDefinition | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  findKind(apiVersion: string, kind: string): ResourceDefinition | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  /** The resource that owns a storage table; built-in versions come before others. */
  findStorage(storageId: string): ResourceDefinition | undefined {
    for (const resource of this.#byPath.values()) {
      if (resource.storageId === storageId) return resource;
    }
    return undefined;
  }

  all(): ResourceDefinition[] {
    return [...this.#byPath.values()];
  }

  hasGroupVersion(group: string, version: string): boolean {
    return this.all().some((resource) => resource.group === group && resource.version === version);
  }
}
