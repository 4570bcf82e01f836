import { cloneJson, isObject, type JsonObject, type JsonValue, type KubeObject } from '../json.ts';
import { timestamp, type Cluster } from '../operations/context.ts';
import { createObject } from '../operations/create.ts';
import { incomingObject } from '../operations/incoming.ts';
import type { Patched, PatchRequest } from '../operations/patch-request.ts';
import { updateObject } from '../operations/update.ts';
import { badRequest, notFound, StatusError, unreasoned } from '../status.ts';
import { compareFields, fieldsOf } from './compare.ts';
import { difference, FieldSet, intersection, pathText, union } from './field-set.ts';
import { decodeManagers, sameManager, type Manager } from './managers.ts';
import { mergeFields, pruneFields } from './merge.ts';
import { shapeOf, type Shape } from './shape.ts';
import { ownedPart, without, writerOf } from './track.ts';

/** A server-side apply and the object it is about, where that exists. */
export interface ApplyRequest extends PatchRequest {
  readonly old: KubeObject | undefined;
}

/**
 * Applies a configuration: the fields it has are set and owned by the manager; those that the
 * manager applied before and leaves out now are removed, unless others own them too.
 *
 * @throws StatusError 400, 404, 409 with the conflicts when others own a field that would change,
 *   or 422
 */
export function applyObject(cluster: Cluster, request: ApplyRequest, patch: JsonValue): Patched {
  const { resource, name, namespace, old } = request;
  const config = configuration(request, patch);
  const shape = shapeOf(resource);
  const owned = ownedConfiguration(request, config);
  const applier: Manager = {
    ...writerOf(request),
    time: timestamp(cluster.wallClock()),
    fields: fieldsOf(owned, shape),
  };
  if (old === undefined) {
    if (request.subresource !== undefined) throw notFound(resource.resourceName, name);
    if (namespace !== undefined) config.metadata.namespace = namespace;
    const created = createObject(cluster, { ...request, managers: [applier] }, config);
    return { object: created, created: true };
  }
  const { next, managers } = merged({ request, old, owned, applier, shape });
  const metadata: KubeObject['metadata'] = {
    ...(isObject(next['metadata']) ? cloneJson(next['metadata']) : {}),
    name: old.metadata.name,
    uid: config.metadata.uid ?? old.metadata.uid,
    creationTimestamp: old.metadata.creationTimestamp,
    resourceVersion: config.metadata.resourceVersion ?? old.metadata.resourceVersion,
  };
  const sent = { ...cloneJson(next), apiVersion: old.apiVersion, kind: old.kind, metadata };
  return { object: updateObject(cluster, { ...request, managers }, old, sent), created: false };
}

function configuration(request: ApplyRequest, patch: JsonValue): KubeObject {
  const { resource, name } = request;
  if (!isObject(patch)) throw badRequest('error decoding YAML: the patch is not an object');
  for (const key of ['apiVersion', 'kind']) {
    if (typeof patch[key] !== 'string' || patch[key] === '') {
      throw badRequest(
        `Object '${key === 'kind' ? 'Kind' : key}' is missing in the applied configuration`,
      );
    }
  }
  const config = incomingObject(resource, withoutNulls(patch), (paths) => {
    throw undeclared(request, paths);
  });
  const { metadata } = config;
  if (metadata.managedFields !== undefined && metadata.managedFields.length > 0) {
    throw badRequest('metadata.managedFields must be nil');
  }
  if (metadata.name && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  metadata.name = name;
  return config;
}

/** 500, as the real server fails when the schema does not have a member that is applied. */
function undeclared({ resource, namespace, name }: ApplyRequest, paths: readonly string[]): Error {
  const { group, version, kind } = resource;
  const errors = paths.map((path) => `.${path}: field not declared in schema`);
  const text = errors.length === 1 ? errors.join('') : ['errors:', ...errors].join('\n  ');
  return unreasoned(
    `failed to create typed patch object (${namespace ?? ''}/${name}; ${group}/${version}, Kind=${kind}): ${text}`,
  );
}

/** An explicit null means the same as leaving the member out. */
function withoutNulls(value: JsonObject): JsonObject {
  const clean = (part: JsonValue): JsonValue => {
    if (Array.isArray(part)) return part.map(clean);
    if (!isObject(part)) return part;
    const entries = Object.entries(part).filter(
      ([, member]) => member !== null && member !== undefined,
    );
    return Object.fromEntries(entries.map(([key, member]) => [key, clean(member ?? null)]));
  };
  const cleaned = clean(value);
  return isObject(cleaned) ? cleaned : {};
}

/** What of a configuration counts: the status only through its subresource, and there nothing else. */
function ownedConfiguration(
  { resource, subresource }: ApplyRequest,
  config: KubeObject,
): JsonObject {
  const owned = ownedPart(config);
  if (subresource === 'status') {
    return owned['status'] === undefined ? {} : { status: owned['status'] };
  }
  const hasStatus = resource.custom?.hasStatus ?? resource.subresources.includes('status');
  if (hasStatus) delete owned['status'];
  if (isObject(owned['metadata']) && Object.keys(owned['metadata']).length === 0) {
    delete owned['metadata'];
  }
  return owned;
}

interface Application {
  readonly request: ApplyRequest;
  readonly old: KubeObject;
  readonly owned: JsonObject;
  readonly applier: Manager;
  readonly shape: Shape;
}

function merged(application: Application): { next: JsonObject; managers: Manager[] } {
  const { request, old, owned, applier, shape } = application;
  const live = ownedPart(old);
  const held = trackedManagers(request, old, shape);
  const others = held.filter((manager) => !sameManager(manager, applier));
  const before = held.find((manager) => sameManager(manager, applier))?.fields ?? new FieldSet();
  const laid = mergeFields(live, owned, shape);
  const kept = union(applier.fields, ...others.map((manager) => manager.fields));
  const dropped = difference(before, applier.fields);
  const pruned = pruneFields(laid, shape, { dropped, kept }) ?? {};
  const next = isObject(pruned) ? pruned : {};
  const { changed, removed } = compareFields(live, next, shape);
  const conflicts = others.map((manager) => ({
    manager,
    fields: intersection(manager.fields, changed),
  }));
  if (!request.force) refuse(conflicts);
  const rest = others.map((manager) => without(manager, changed, removed));
  return { next, managers: [...rest, applier] };
}

/** The owners; an object that was never tracked counts as one owner's work. */
function trackedManagers(
  { resource }: ApplyRequest,
  old: KubeObject,
  shape: Shape,
): readonly Manager[] {
  const held = decodeManagers(old.metadata.managedFields);
  if (held.length > 0) return held;
  return [
    {
      name: 'before-first-apply',
      operation: 'Update',
      apiVersion: resource.apiVersion,
      subresource: '',
      time: old.metadata.creationTimestamp,
      fields: fieldsOf(ownedPart(old), shape),
    },
  ];
}

interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** @throws StatusError 409 when there is a conflict */
function refuse(conflicts: readonly Conflict[]): void {
  const found = conflicts.flatMap(({ manager, fields }) =>
    [...fields.paths()].map((path) => ({ owner: ownerText(manager), path: pathText(path) })),
  );
  const [first] = found;
  if (first === undefined) return;
  throw new StatusError({
    code: 409,
    reason: 'Conflict',
    message: conflictMessage(found),
    details: {
      causes: found.map(({ owner, path }) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${owner}`,
        field: path,
      })),
    },
  });
}

function conflictMessage(found: readonly { owner: string; path: string }[]): string {
  const [first] = found;
  if (found.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.owner}: ${first.path}`;
  }
  const lines = [...new Set(found.map(({ owner }) => owner))]
    .sort()
    .flatMap((owner) => [
      `conflicts with ${owner}:`,
      ...found.filter((item) => item.owner === owner).map((item) => `- ${item.path}`),
    ]);
  return `Apply failed with ${found.length} conflicts: ${lines.join('\n')}`;
}

function ownerText({ name, subresource, operation, apiVersion }: Manager): string {
  const withSubresource = subresource === '' ? '' : ` with subresource "${subresource}"`;
  const using = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(name)}${withSubresource}${using}`;
}
