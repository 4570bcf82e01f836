import type { KubeObject, OwnerReference } from '../json.ts';
import type { Cluster } from '../operations/context.ts';
import { deleteObject, FOREGROUND, ORPHAN, type DeleteOptions } from '../operations/delete.ts';
import { isDeleted } from '../operations/update.ts';
import type { ObjectLocation } from '../storage/storage.ts';
import type { Change, Table } from '../storage/table.ts';
import type { Turn } from './turn.ts';

/**
 * Deletes objects whose owners are gone, and honours the foreground and orphan finalizers, with
 * the rules of the garbage collector of kube-controller-manager.
 */
export class GarbageCollector {
  readonly #cluster: Cluster;
  readonly #turn: Turn;
  /** Dependents by the uid of an owner, whether that exists or not. */
  readonly #dependents = new Map<string, Map<string, ObjectLocation>>();
  #unsubscribe: (() => void) | undefined;

  constructor(cluster: Cluster, turn: Turn) {
    this.#cluster = cluster;
    this.#turn = turn;
  }

  start(): void {
    this.#unsubscribe = this.#cluster.storage.subscribe((table, change) =>
      this.#observe(table, change),
    );
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  #observe(table: Table, { key, object, previous, deleted }: Change): void {
    const location = { storageId: table.id, key };
    const id = `${table.id}|${key}`;
    for (const { uid } of previous?.metadata.ownerReferences ?? []) this.#forget(uid, id);
    if (deleted) {
      for (const dependent of this.#dependentsOf(object)) this.#schedule(dependent);
      for (const { uid } of previous?.metadata.ownerReferences ?? []) this.#scheduleUid(uid);
      return;
    }
    const owners = object.metadata.ownerReferences ?? [];
    for (const { uid } of owners) {
      let known = this.#dependents.get(uid);
      if (known === undefined) this.#dependents.set(uid, (known = new Map()));
      known.set(id, location);
    }
    const before = previous?.metadata;
    if (before !== undefined && before.ownerReferences !== undefined) {
      for (const { uid } of before.ownerReferences) this.#scheduleUid(uid);
    }
    if (owners.length > 0 || object.metadata.deletionTimestamp !== undefined)
      this.#schedule(location);
  }

  #forget(uid: string, id: string): void {
    const known = this.#dependents.get(uid);
    known?.delete(id);
    if (known?.size === 0) this.#dependents.delete(uid);
  }

  #schedule(location: ObjectLocation): void {
    const { storageId, key } = location;
    this.#turn.schedule(`collect/${storageId}|${key}`, () => this.#process(location));
  }

  #scheduleUid(uid: string): void {
    const location = this.#cluster.storage.locate(uid);
    if (location !== undefined) this.#schedule(location);
  }

  #read({ storageId, key }: ObjectLocation): KubeObject | undefined {
    return this.#cluster.storage.table(storageId).get(key);
  }

  #dependentsOf({ metadata }: KubeObject): ObjectLocation[] {
    return [...(this.#dependents.get(metadata.uid)?.values() ?? [])];
  }

  #process(location: ObjectLocation): void {
    const object = this.#read(location);
    if (object === undefined) return;
    if (object.metadata.deletionTimestamp !== undefined) {
      if (hasFinalizer(object, FOREGROUND)) this.#processForeground(location, object);
      else if (hasFinalizer(object, ORPHAN)) this.#orphan(location, object);
      return;
    }
    this.#processDependent(location, object);
  }

  /** The owner of a foreground deletion goes when no dependent blocks it any longer. */
  #processForeground(location: ObjectLocation, owner: KubeObject): void {
    const dependents = this.#dependentsOf(owner);
    const blocking = dependents.filter((dependent) =>
      this.#read(dependent)?.metadata.ownerReferences?.some(
        (reference) =>
          reference.uid === owner.metadata.uid && reference.blockOwnerDeletion === true,
      ),
    );
    if (blocking.length === 0) this.#removeFinalizer(location, owner, FOREGROUND);
    for (const dependent of dependents) this.#schedule(dependent);
  }

  #orphan(location: ObjectLocation, owner: KubeObject): void {
    for (const dependent of this.#dependentsOf(owner)) {
      const object = this.#read(dependent);
      if (object === undefined) continue;
      this.#dropOwners(dependent, object, (reference) => reference.uid === owner.metadata.uid);
    }
    this.#removeFinalizer(location, owner, ORPHAN);
  }

  #processDependent(location: ObjectLocation, object: KubeObject): void {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0) return;
    const states = owners.map((reference) => this.#ownerState(object, reference));
    if (states.includes('unknown')) return;
    if (states.includes('solid')) {
      if (states.every((state) => state === 'solid')) return;
      const gone = owners.filter((_, index) => states[index] !== 'solid');
      this.#dropOwners(location, object, (reference) => gone.includes(reference));
      return;
    }
    const resource = this.#cluster.registry.findStorage(location.storageId);
    if (resource === undefined) return;
    const passesOn = states.includes('waiting') && this.#dependentsOf(object).length > 0;
    const propagationPolicy = passesOn ? 'Foreground' : policyOf(object);
    deleteObject(this.#cluster, resource, object, { propagationPolicy });
  }

  #ownerState(
    object: KubeObject,
    reference: OwnerReference,
  ): 'solid' | 'gone' | 'waiting' | 'unknown' {
    const { registry, storage } = this.#cluster;
    const resource = registry.findKind(reference.apiVersion, reference.kind);
    if (resource === undefined) return 'unknown';
    const namespace = resource.namespaced ? object.metadata.namespace : undefined;
    const owner = storage.get(resource.storageId, namespace, reference.name);
    if (owner === undefined || owner.metadata.uid !== reference.uid) return 'gone';
    const waiting =
      owner.metadata.deletionTimestamp !== undefined && hasFinalizer(owner, FOREGROUND);
    return waiting ? 'waiting' : 'solid';
  }

  #dropOwners(
    { storageId }: ObjectLocation,
    object: KubeObject,
    drops: (reference: OwnerReference) => boolean,
  ): void {
    const ownerReferences = (object.metadata.ownerReferences ?? []).filter((item) => !drops(item));
    const metadata = { ...object.metadata, ownerReferences };
    if (ownerReferences.length === 0) delete (metadata as KubeObject['metadata']).ownerReferences; // optional in the stored form
    this.#cluster.storage.put(storageId, { ...object, metadata });
  }

  #removeFinalizer({ storageId }: ObjectLocation, object: KubeObject, name: string): void {
    const finalizers = (object.metadata.finalizers ?? []).filter((item) => item !== name);
    const metadata: KubeObject['metadata'] = { ...object.metadata, finalizers };
    if (finalizers.length === 0) delete metadata.finalizers;
    const next: KubeObject = { ...object, metadata };
    if (isDeleted(storageId, next)) this.#cluster.storage.remove(storageId, object);
    else this.#cluster.storage.put(storageId, next);
  }
}

function hasFinalizer({ metadata }: KubeObject, name: string): boolean {
  return metadata.finalizers?.includes(name) === true;
}

function policyOf(object: KubeObject): NonNullable<DeleteOptions['propagationPolicy']> {
  if (hasFinalizer(object, ORPHAN)) return 'Orphan';
  return hasFinalizer(object, FOREGROUND) ? 'Foreground' : 'Background';
}
