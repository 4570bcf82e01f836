import {
  arrayAt,
  isObject,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type KubeObject,
} from '../json.ts';
import type { Cluster } from '../operations/context.ts';
import { timestamp } from '../operations/context.ts';
import { CLEANUP, DEFINITIONS, deleteObject } from '../operations/delete.ts';
import { isDeleted } from '../operations/update.ts';
import { defineResource, type ResourceDefinition } from '../registry/definition.ts';
import type { WatchHub } from '../watch/hub.ts';
import type { Turn } from './turn.ts';

/** Serves the resources of CustomResourceDefinitions, and removes their objects with them. */
export class CustomResourceController {
  readonly #cluster: Cluster;
  readonly #turn: Turn;
  readonly #hub: WatchHub;
  #unsubscribe: (() => void) | undefined;

  constructor(options: { readonly cluster: Cluster; readonly turn: Turn; readonly hub: WatchHub }) {
    this.#cluster = options.cluster;
    this.#turn = options.turn;
    this.#hub = options.hub;
  }

  start(): void {
    this.#unsubscribe = this.#cluster.storage.subscribe((table, { object, deleted }) => {
      if (table.id === DEFINITIONS) {
        if (deleted) this.#withdraw(object);
        else
          this.#turn.schedule(`definition/${object.metadata.name}`, () =>
            this.#sync(object.metadata.name),
          );
        return;
      }
      if (deleted) this.#checkCleanup(table.id);
    });
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  #sync(name: string): void {
    const { storage, wallClock } = this.#cluster;
    const definition = storage.get(DEFINITIONS, undefined, name);
    if (definition === undefined) return;
    if (definition.metadata.deletionTimestamp !== undefined) {
      this.#cleanUp(definition);
      return;
    }
    this.#serve(definition);
    const next = established(definition, timestamp(wallClock()));
    if (next !== definition) storage.put(DEFINITIONS, next);
  }

  #serve(definition: KubeObject): void {
    const { registry } = this.#cluster;
    const resources = resourcesOf(definition);
    const first = resources[0];
    if (first !== undefined) registry.remove(first.group, first.plural);
    for (const resource of resources) registry.add(resource);
  }

  #withdraw(definition: KubeObject): void {
    const group = stringAt(definition, 'spec', 'group');
    const plural = stringAt(definition, 'spec', 'names', 'plural');
    this.#cluster.registry.remove(group, plural);
    this.#hub.endResource(`${group}/${plural}`);
  }

  /** When an object of a definition under deletion goes, the definition may be free to go too. */
  #checkCleanup(storageId: string): void {
    const [group, plural] = storageId.split('/');
    const name = `${plural}.${group}`;
    const definition = this.#cluster.storage.get(DEFINITIONS, undefined, name);
    if (definition?.metadata.deletionTimestamp === undefined) return;
    this.#turn.schedule(`definition/${name}`, () => this.#sync(name));
  }

  #cleanUp(definition: KubeObject): void {
    const { storage, registry } = this.#cluster;
    const storageId = `${stringAt(definition, 'spec', 'group')}/${stringAt(definition, 'spec', 'names', 'plural')}`;
    const table = storage.table(storageId);
    const resource = registry.findStorage(storageId);
    if (resource !== undefined) {
      for (const object of table.values()) {
        if (object.metadata.deletionTimestamp === undefined)
          deleteObject(this.#cluster, resource, object);
      }
    }
    if (table.size > 0) return;
    const finalizers = (definition.metadata.finalizers ?? []).filter((item) => item !== CLEANUP);
    const next: KubeObject = { ...definition, metadata: { ...definition.metadata, finalizers } };
    if (isDeleted(DEFINITIONS, next)) storage.remove(DEFINITIONS, definition);
    else if (finalizers.length < (definition.metadata.finalizers ?? []).length)
      storage.put(DEFINITIONS, next);
  }
}

/** The served resources of a definition, one per version. */
export function resourcesOf(definition: KubeObject): ResourceDefinition[] {
  const names = objectAt(definition, 'spec', 'names');
  const group = stringAt(definition, 'spec', 'group');
  const plural = stringAt(names, 'plural');
  const kind = stringAt(names, 'kind');
  const served = arrayAt(definition, 'spec', 'versions').filter(isObject);
  return served
    .filter((version) => version['served'] !== false)
    .map((version) => {
      const subresources = objectAt(version, 'subresources');
      const scale = subresources['scale'];
      const schema = valueAt(version, ['schema', 'openAPIV3Schema']);
      const hasStatus = isObject(subresources['status']);
      return defineResource({
        group,
        version: stringAt(version, 'name'),
        plural,
        kind,
        namespaced: stringAt(definition, 'spec', 'scope') !== 'Cluster',
        subresources: [...(hasStatus ? ['status'] : []), ...(isObject(scale) ? ['scale'] : [])],
        shortNames: arrayAt(names, 'shortNames').map(String),
        selectableFields: arrayAt(version, 'selectableFields').map((field) =>
          stringAt(field, 'jsonPath').replace(/^\./, ''),
        ),
        generation: true,
        unconditionalUpdate: false,
        singular: stringAt(names, 'singular') || kind.toLowerCase(),
        listKind: stringAt(names, 'listKind') || `${kind}List`,
        custom: {
          schema: isObject(schema) ? schema : undefined,
          hasStatus,
          scale: isObject(scale) ? scale : undefined,
          storage: version['storage'] === true,
        },
      });
    });
}

/** The definition with its names accepted and established, or itself when it already is. */
function established(definition: KubeObject, now: string): KubeObject {
  const names = objectAt(definition, 'spec', 'names');
  const accepted: JsonObject = { ...names };
  const stored = arrayAt(definition, 'spec', 'versions').find(
    (version) => isObject(version) && version['storage'] === true,
  );
  const storedVersions = arrayAt(definition, 'status', 'storedVersions').map(String);
  const storedName = stringAt(stored, 'name');
  const complete =
    arrayAt(definition, 'status', 'conditions').length > 0 && storedVersions.includes(storedName);
  if (complete) return definition;
  return {
    ...definition,
    status: {
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found', now),
        condition(
          'Established',
          'InitialNamesAccepted',
          'the initial names have been accepted',
          now,
        ),
      ],
      acceptedNames: accepted,
      storedVersions: [...new Set([...storedVersions, storedName])],
    },
  };
}

function condition(type: string, reason: string, message: string, now: string): JsonObject {
  return { type, status: 'True', lastTransitionTime: now, reason, message };
}
