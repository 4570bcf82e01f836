import { trackWrite } from '../apply/track.ts';
import { cloneJson, equalJson, type KubeObject } from '../json.ts';
import {
  badRequest,
  conflict,
  fieldError,
  invalid,
  OBJECT_MODIFIED,
  unreasoned,
} from '../status.ts';
import { timestamp, type Cluster, type WriteRequest } from './context.ts';
import { desiredStateChanged, normalise, validate } from './prepare.ts';

/**
 * Replaces the state of an object: by PUT, or with the outcome of a patch. What a client may not
 * change is taken from `old`. An update that changes nothing stores nothing and answers `old`.
 * An update that takes the last finalizer off an object under deletion removes it.
 *
 * @param sent - the wanted state; may be changed
 * @throws StatusError 400, 409 or 422
 */
export function updateObject(
  cluster: Cluster,
  request: WriteRequest,
  old: KubeObject,
  sent: KubeObject,
): KubeObject {
  const { resource } = request;
  checkIdentity(request, old, sent);
  const object = mergeState(request, old, sent);
  normalise(resource, object);
  if (request.subresource !== 'status' && desiredStateChanged(resource, old, object)) {
    if (resource.generation) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
  validate(resource, object, old);
  const tracked = trackWrite({ request, now: timestamp(cluster.wallClock()) }, old, object);
  if (isDeleted(resource.storageId, tracked)) {
    // Watchers are shown the last state that was stored, the writer what it wrote.
    if (!request.dryRun) cluster.storage.remove(resource.storageId, old);
    return tracked;
  }
  if (equalJson(tracked, old)) return old;
  return request.dryRun ? tracked : cluster.storage.put(resource.storageId, tracked);
}

/** Whether nothing holds an object under deletion any longer. */
export function isDeleted(storageId: string, object: KubeObject): boolean {
  const { metadata } = object;
  if (metadata.deletionTimestamp === undefined) return false;
  if ((metadata.finalizers ?? []).length > 0) return false;
  if (storageId === '/namespaces') {
    const spec = object['spec'] as { finalizers?: unknown[] } | undefined; // defaults make it an object
    return (spec?.finalizers ?? []).length === 0;
  }
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

function checkIdentity(
  { resource, namespace, patched }: WriteRequest,
  old: KubeObject,
  sent: KubeObject,
): void {
  const { name } = old.metadata;
  const { metadata } = sent;
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if (
    metadata.namespace !== undefined &&
    metadata.namespace !== '' &&
    metadata.namespace !== namespace
  ) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  if (metadata.uid !== undefined && metadata.uid !== '' && metadata.uid !== old.metadata.uid) {
    if (patched === true) {
      const cause = fieldError.invalid('metadata.uid', metadata.uid, 'field is immutable');
      throw invalid(resource.kindName, name, [cause]);
    }
    const key = ['/registry', resource.group, resource.plural, namespace, name];
    const path = key.filter((part) => part !== undefined && part !== '').join('/');
    throw conflict(
      resource.resourceName,
      name,
      `StorageError: invalid object, Code: 4, Key: ${path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  checkVersion(resource, old, metadata.resourceVersion);
}

function checkVersion(
  resource: WriteRequest['resource'],
  old: KubeObject,
  version: string | undefined,
): void {
  const { name } = old.metadata;
  if (version === undefined || version === '' || version === '0') {
    if (resource.unconditionalUpdate) return;
    const cause = fieldError.invalid(
      'metadata.resourceVersion',
      0,
      'must be specified for an update',
    );
    throw invalid(resource.resourceName, name, [cause]);
  }
  if (!/^\d+$/.test(version)) {
    throw unreasoned(`strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
  }
  if (version !== old.metadata.resourceVersion) {
    throw conflict(resource.resourceName, name, OBJECT_MODIFIED);
  }
}

/** The next state: what the client sent, where the client has a say. */
function mergeState(request: WriteRequest, old: KubeObject, sent: KubeObject): KubeObject {
  const { resource, subresource } = request;
  if (subresource === 'status') {
    const { status: _status, ...others } = old;
    // A schema may prune what it did not prune before, and stored objects are never changed.
    const rest = resource.custom === undefined ? others : cloneJson(others);
    const metadata = statusMetadata(resource, old, sent);
    const object: KubeObject = { ...rest, apiVersion: old.apiVersion, kind: old.kind, metadata };
    if (sent['status'] !== undefined) object['status'] = sent['status'];
    return object;
  }
  const object: KubeObject = {
    ...sent,
    apiVersion: old.apiVersion,
    kind: old.kind,
    metadata: fixedMetadata(old, sent),
  };
  const isolated = resource.custom?.hasStatus ?? resource.subresources.includes('status');
  if (isolated) restore(object, resource.custom === undefined ? old : cloneJson(old), 'status');
  if (resource.storageId === '/services') keepAddresses(object, old);
  if (resource.storageId === '/namespaces' && subresource !== 'finalize')
    restore(object, old, 'spec');
  return object;
}

/**
 * The metadata of a status update. Custom resources keep theirs; built-in kinds take labels and the
 * like along, pods without their owners and deployments without their labels.
 */
function statusMetadata(
  resource: WriteRequest['resource'],
  old: KubeObject,
  sent: KubeObject,
): KubeObject['metadata'] {
  const { managedFields } = sent.metadata;
  if (resource.custom !== undefined) return { ...old.metadata, managedFields };
  const metadata = fixedMetadata(old, sent);
  const kept = { '/pods': 'ownerReferences', 'apps/deployments': 'labels' } as const;
  for (const [storageId, key] of Object.entries(kept)) {
    if (resource.storageId !== storageId) continue;
    delete metadata[key];
    Object.assign(metadata, old.metadata[key] === undefined ? {} : { [key]: old.metadata[key] });
  }
  return metadata;
}

function fixedMetadata(old: KubeObject, sent: KubeObject): KubeObject['metadata'] {
  const before = old.metadata;
  const metadata: KubeObject['metadata'] = {
    ...sent.metadata,
    name: before.name,
    uid: before.uid,
    creationTimestamp: before.creationTimestamp,
    resourceVersion: before.resourceVersion,
    generateName: before.generateName,
    generation: before.generation,
    deletionTimestamp: before.deletionTimestamp,
    deletionGracePeriodSeconds: before.deletionGracePeriodSeconds,
  };
  if (before.namespace !== undefined) metadata.namespace = before.namespace;
  for (const key of ['finalizers', 'ownerReferences'] as const) {
    if (metadata[key]?.length === 0) delete metadata[key];
  }
  return metadata;
}

function restore(object: KubeObject, old: KubeObject, member: 'status' | 'spec'): void {
  if (old[member] === undefined) delete object[member];
  else object[member] = old[member];
}

/** A service keeps its cluster addresses when an update leaves them out. */
function keepAddresses(object: KubeObject, old: KubeObject): void {
  const before = old['spec'] as Record<string, unknown> | undefined; // defaults make it an object
  const spec = object['spec'] as Record<string, unknown> | undefined;
  if (spec === undefined || before === undefined || spec['type'] === 'ExternalName') return;
  for (const key of ['clusterIP', 'clusterIPs']) {
    if (spec[key] === undefined || spec[key] === '') spec[key] = before[key];
  }
}
