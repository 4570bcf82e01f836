import { randomUUID } from 'node:crypto';
import { trackWrite } from '../apply/track.ts';
import { arrayAt, isObject, stringAt, valueAt, type KubeObject } from '../json.ts';
import { initialStatus } from '../registry/defaults.ts';
import {
  alreadyExists,
  badRequest,
  fieldError,
  forbidden,
  invalid,
  notFound,
  unreasoned,
} from '../status.ts';
import { timestamp, type Cluster, type WriteRequest } from './context.ts';
import { DEFINITIONS } from './delete.ts';
import { normalise, validate } from './prepare.ts';

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Creates an object. The answer of a dry run has no resourceVersion.
 *
 * @param sent - as {@link incomingObject} returns it; may be changed
 * @throws StatusError 400, 403, 404, 409 or 422
 */
export function createObject(
  cluster: Cluster,
  request: WriteRequest,
  sent: KubeObject,
): KubeObject {
  const { resource } = request;
  if (sent.metadata.resourceVersion !== undefined && sent.metadata.resourceVersion !== '') {
    throw unreasoned('resourceVersion should not be set on objects to be created');
  }
  setNamespace(request, sent);
  checkNamespace(cluster, request, sent.metadata.name ?? '');
  const object = newObject(cluster, request, sent);
  validate(resource, object, undefined);
  const holder = cluster.storage.get(resource.storageId, request.namespace, object.metadata.name);
  if (holder !== undefined) {
    const ending = holder.metadata.deletionTimestamp !== undefined;
    throw alreadyExists(resource.resourceName, object.metadata.name, ending);
  }
  const tracked = trackWrite({ request, now: timestamp(cluster.wallClock()) }, undefined, object);
  return request.dryRun ? tracked : cluster.storage.put(resource.storageId, tracked);
}

function setNamespace({ namespace }: WriteRequest, sent: KubeObject): void {
  const { metadata } = sent;
  if (namespace === undefined) {
    delete metadata.namespace;
    return;
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
  metadata.namespace = namespace;
}

/** New objects need a namespace that exists and is not being deleted. */
function checkNamespace(
  cluster: Cluster,
  { resource, namespace }: WriteRequest,
  name: string,
): void {
  if (namespace === undefined) return;
  const found = cluster.storage.get('/namespaces', undefined, namespace);
  if (found === undefined) throw notFound({ group: '', name: 'namespaces' }, namespace);
  if (stringAt(found, 'status', 'phase') !== 'Terminating') return;
  throw forbidden(
    resource.resourceName,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
}

function newObject(cluster: Cluster, { resource }: WriteRequest, sent: KubeObject): KubeObject {
  const { metadata } = sent;
  const name = metadata.name || freeName(cluster, resource.storageId, metadata);
  if (name === '') {
    const cause = fieldError.required('metadata.name', 'name or generateName is required');
    throw invalid(resource.kindName, '', [cause]);
  }
  const {
    resourceVersion: _rv,
    deletionTimestamp: _dt,
    deletionGracePeriodSeconds: _dg,
    ...kept
  } = metadata;
  const object: KubeObject = {
    ...sent,
    metadata: {
      ...kept,
      name,
      uid: randomUUID(),
      creationTimestamp: timestamp(cluster.wallClock()),
    },
  };
  delete object.metadata.generation;
  if (resource.generation) object.metadata.generation = 1;
  if (hasStatus(resource)) resetStatus(resource, object);
  normalise(resource, object);
  finish(cluster, resource.storageId, object);
  return object;
}

function hasStatus(resource: WriteRequest['resource']): boolean {
  return resource.custom?.hasStatus ?? resource.subresources.includes('status');
}

function resetStatus(resource: WriteRequest['resource'], object: KubeObject): void {
  delete object['status'];
  if (resource.custom === undefined) object['status'] = initialStatus(resource.storageId);
}

/** A free name for `generateName`; `''` when there is no `generateName` either. */
function freeName(cluster: Cluster, storageId: string, metadata: KubeObject['metadata']): string {
  const { generateName, namespace } = metadata;
  if (generateName === undefined || generateName === '') return '';
  for (;;) {
    let suffix = '';
    for (const byte of crypto.getRandomValues(new Uint8Array(5))) {
      suffix += SUFFIX_LETTERS[byte % SUFFIX_LETTERS.length] ?? 'x';
    }
    const name = generateName.slice(0, 58) + suffix;
    if (cluster.storage.get(storageId, namespace, name) === undefined) return name;
  }
}

/** What some built-in kinds are given beyond their defaults. */
function finish(cluster: Cluster, storageId: string, object: KubeObject): void {
  if (storageId === '/namespaces') {
    const labels = {
      ...object.metadata.labels,
      'kubernetes.io/metadata.name': object.metadata.name,
    };
    object.metadata.labels = labels;
  }
  if (storageId === DEFINITIONS) {
    const stored = arrayAt(object, 'spec', 'versions').find(
      (version) => isObject(version) && version['storage'] === true,
    );
    object['status'] = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: stored === undefined ? [] : [stringAt(stored, 'name')],
    };
  }
  const spec = object['spec'];
  if (storageId === '/services' && isObject(spec) && stringAt(spec, 'type') !== 'ExternalName') {
    if (stringAt(spec, 'clusterIP') === '') spec['clusterIP'] = cluster.nextClusterIp();
    if (valueAt(spec, ['clusterIPs']) === undefined) spec['clusterIPs'] = [spec['clusterIP'] ?? ''];
  }
}
