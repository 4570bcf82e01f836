import {
  arrayAt,
  isObject,
  stringAt,
  textOf,
  valueAt,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../json.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { badRequest, conflict, fieldError, forbidden, invalid } from '../status.ts';
import { timestamp, type Cluster } from './context.ts';
import { isDeleted } from './update.ts';

/** The storage of CustomResourceDefinitions. */
export const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions';
/** Finalizer of a definition whose objects go first. */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';
/** Finalizer of an object whose dependents go first. */
export const FOREGROUND = 'foregroundDeletion';
/** Finalizer of an object whose dependents stay. */
export const ORPHAN = 'orphan';

/** What a DELETE asks for. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly dryRun?: boolean;
}

/** The outcome of a DELETE. */
export interface Deletion {
  /** The last state when the object is gone, the present one when something holds it. */
  readonly object: KubeObject;
  readonly gone: boolean;
}

/**
 * Reads delete options from the body and the query; the query wins.
 *
 * @throws StatusError 400 or 422
 */
export function deleteOptions(body: JsonValue | undefined, query: URLSearchParams): DeleteOptions {
  const sent: JsonObject = isObject(body) ? body : {};
  const grace = query.get('gracePeriodSeconds') ?? valueAt(sent, ['gracePeriodSeconds']);
  const policy = query.get('propagationPolicy') ?? valueAt(sent, ['propagationPolicy']);
  const orphan = query.get('orphanDependents') ?? valueAt(sent, ['orphanDependents']);
  if (orphan !== undefined && orphan !== null && typeof policy === 'string' && policy !== '') {
    const text = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalid({ group: 'meta.k8s.io', name: 'DeleteOptions' }, '', [
      fieldError.invalid('propagationPolicy', policy, text),
    ]);
  }
  const dryRun = query.has('dryRun') || Array.isArray(sent['dryRun']);
  const uid = stringAt(sent, 'preconditions', 'uid');
  const resourceVersion = stringAt(sent, 'preconditions', 'resourceVersion');
  return {
    ...(grace === undefined || grace === null ? {} : { gracePeriodSeconds: graceSeconds(grace) }),
    propagationPolicy: propagation(policy, orphan),
    ...(uid === '' ? {} : { uid }),
    ...(resourceVersion === '' ? {} : { resourceVersion }),
    dryRun,
  };
}

function graceSeconds(value: JsonValue): number {
  const seconds = Number(value);
  if (!Number.isInteger(seconds)) throw badRequest(`invalid gracePeriodSeconds: ${textOf(value)}`);
  return Math.max(seconds, seconds < 0 ? 1 : 0);
}

function propagation(
  policy: JsonValue | undefined,
  orphan: JsonValue | undefined,
): DeleteOptions['propagationPolicy'] {
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') return policy;
  if (policy !== undefined && policy !== null && policy !== '') {
    throw invalid({ group: 'meta.k8s.io', name: 'DeleteOptions' }, '', [
      fieldError.notSupported('propagationPolicy', policy, [
        'Foreground',
        'Background',
        'Orphan',
        'nil',
      ]),
    ]);
  }
  if (orphan === undefined || orphan === null) return undefined;
  return textOf(orphan) === 'true' ? 'Orphan' : 'Background';
}

/** Namespaces that the cluster cannot do without; the list of the real admission plugin. */
const immortal = new Set(['default', 'kube-system', 'kube-public']);

/** @throws StatusError 403 for a namespace that has to stay */
export function checkDeletable(
  { storageId, resourceName }: ResourceDefinition,
  name: string,
): void {
  if (storageId !== '/namespaces' || !immortal.has(name)) return;
  throw forbidden(resourceName, name, 'this namespace may not be deleted');
}

/**
 * Deletes an object, or marks it when a finalizer or a grace period holds it.
 *
 * @throws StatusError 409 when a precondition fails
 */
export function deleteObject(
  cluster: Cluster,
  resource: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions = {},
): Deletion {
  checkPreconditions(resource, object, options);
  const { storageId } = resource;
  const next = markDeleted(cluster, storageId, object, options);
  if (isDeleted(storageId, next)) {
    // Pods are marked before they go, others only for the one who deletes them.
    const pod = storageId === '/pods';
    if (options.dryRun !== true) {
      cluster.storage.remove(storageId, pod ? cluster.storage.put(storageId, next) : object);
    }
    return { object: pod ? next : object, gone: true };
  }
  if (next === object) return { object, gone: false };
  return {
    object: options.dryRun === true ? next : cluster.storage.put(storageId, next),
    gone: false,
  };
}

function checkPreconditions(
  resource: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions,
): void {
  const { uid, resourceVersion, name } = object.metadata;
  const { kindName } = resource;
  if (options.uid !== undefined && options.uid !== uid) {
    throw conflict(
      kindName,
      name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    throw conflict(
      kindName,
      name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion ?? ''}). The object might have been modified`,
    );
  }
}

function markDeleted(
  cluster: Cluster,
  storageId: string,
  object: KubeObject,
  options: DeleteOptions,
): KubeObject {
  const finalizers = wantedFinalizers(storageId, object, options.propagationPolicy);
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = object.metadata;
  const grace = gracePeriod(storageId, object, options);
  const metadata: KubeObject['metadata'] = { ...object.metadata, finalizers };
  if (finalizers.length === 0) delete metadata.finalizers;
  const shortens = deletionGracePeriodSeconds !== undefined && grace < deletionGracePeriodSeconds;
  if (deletionTimestamp === undefined || shortens) {
    metadata.deletionTimestamp = timestamp(cluster.wallClock() + grace * 1000);
    metadata.deletionGracePeriodSeconds = grace;
    if (deletionTimestamp === undefined && generation !== undefined)
      metadata.generation = generation + 1;
  } else if (finalizers.length === (object.metadata.finalizers ?? []).length) {
    return object;
  }
  const next: KubeObject = { ...object, metadata };
  if (storageId === DEFINITIONS) markDefinition(next, object, timestamp(cluster.wallClock()));
  if (storageId === '/namespaces') {
    delete metadata.deletionGracePeriodSeconds;
    next['status'] = {
      ...(isObject(object['status']) ? object['status'] : {}),
      phase: 'Terminating',
    };
  }
  return next;
}

/** A definition waits for its objects to go, which the custom resource controller sees to. */
function markDefinition(next: KubeObject, old: KubeObject, now: string): void {
  const finalizers = [...new Set([...(next.metadata.finalizers ?? []), CLEANUP])];
  const { deletionGracePeriodSeconds: _grace, ...metadata } = next.metadata;
  next.metadata = { ...metadata, generation: old.metadata.generation, finalizers };
  const terminating = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: now,
    reason: 'InstanceDeletionPending',
    message:
      'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  const status = isObject(next['status']) ? next['status'] : {};
  next['status'] = { ...status, conditions: [...arrayAt(status, 'conditions'), terminating] };
}

/** Kinds whose dependents stay when a deletion says nothing about them, as they always did. */
const orphansByDefault = new Set(['batch/jobs', '/replicationcontrollers']);

/** Finalizers after the propagation policy has had its say. */
function wantedFinalizers(
  storageId: string,
  object: KubeObject,
  policy: DeleteOptions['propagationPolicy'],
): string[] {
  const held = object.metadata.finalizers ?? [];
  if (storageId === '/namespaces') return held;
  const others = held.filter((name) => name !== FOREGROUND && name !== ORPHAN);
  if (policy === undefined) {
    const undecided = others.length === held.length;
    return undecided && orphansByDefault.has(storageId) ? [...held, ORPHAN] : held;
  }
  if (policy === 'Foreground') return [...others, FOREGROUND];
  return policy === 'Orphan' ? [...others, ORPHAN] : others;
}

/** Only pods on a node get time to end; the node's agent then deletes them for good. */
function gracePeriod(storageId: string, object: KubeObject, options: DeleteOptions): number {
  if (storageId !== '/pods') return 0;
  const phase = stringAt(object, 'status', 'phase');
  const bound = stringAt(object, 'spec', 'nodeName') !== '';
  if (!bound || phase === 'Succeeded' || phase === 'Failed') return 0;
  const own = valueAt(object, ['spec', 'terminationGracePeriodSeconds']);
  return options.gracePeriodSeconds ?? (typeof own === 'number' ? own : 30);
}
