import { isObject, type JsonObject, type JsonValue, type KubeObject } from '../json.ts';
import type { WriteRequest } from '../operations/context.ts';
import { compareFields } from './compare.ts';
import { difference, union, type FieldSet } from './field-set.ts';
import { decodeManagers, encodeManagers, sameManager, type Manager } from './managers.ts';
import { shapeOf } from './shape.ts';

/** A write and the time it happens at. */
export interface TrackedWrite {
  readonly request: WriteRequest;
  readonly now: string;
}

/** Members of the metadata that nobody owns. */
const unowned = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
]);

/** The part of an object whose fields have owners. */
export function ownedPart(object: KubeObject | JsonObject): JsonObject {
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  const owned: JsonObject = {};
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (!unowned.has(key)) owned[key] = value;
  }
  return { metadata: owned, ...rest };
}

/** The new state with `managedFields` brought up to date. */
export function trackWrite(
  write: TrackedWrite,
  old: KubeObject | undefined,
  object: KubeObject,
): KubeObject {
  const { request } = write;
  const managers = request.managers ?? updatedManagers(write, old, object);
  const managedFields =
    managers === undefined ? undefined : encodeManagers(managers, old?.metadata.managedFields);
  const { managedFields: _sent, ...metadata } = object.metadata;
  if (managedFields === undefined) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, managedFields } };
}

function updatedManagers(
  { request, now }: TrackedWrite,
  old: KubeObject | undefined,
  object: KubeObject,
): readonly Manager[] | undefined {
  const sent = object.metadata.managedFields;
  if (isReset(sent)) return undefined;
  const held = decodeManagers(old === undefined ? undefined : old.metadata.managedFields);
  // Objects that nobody is tracked on stay so until someone applies.
  if (old !== undefined && held.length === 0) return undefined;
  const base =
    old === undefined || sent === undefined || sent.length === 0 ? held : decodeManagers(sent);
  const shape = shapeOf(request.resource);
  const before = old === undefined ? { metadata: {} } : ownedPart(old);
  const { changed, removed } = compareFields(before, ownedPart(object), shape);
  const writer: Manager = { ...writerOf(request), time: now, fields: changed };
  const others = base
    .filter((manager) => !sameManager(manager, writer))
    .map((manager) => without(manager, changed, removed));
  const own = base.find((manager) => sameManager(manager, writer));
  const fields = own === undefined ? changed : union(difference(own.fields, removed), changed);
  return [...others, { ...writer, fields }];
}

/** The manager after others have changed and removed fields; the same one when none were its own. */
export function without(manager: Manager, changed: FieldSet, removed: FieldSet): Manager {
  const fields = difference(difference(manager.fields, changed), removed);
  return fields === manager.fields ? manager : { ...manager, fields };
}

/** One empty entry asks the server to forget all owners. */
function isReset(sent: readonly JsonValue[] | undefined): boolean {
  return sent?.length === 1 && isObject(sent[0]) && Object.keys(sent[0]).length === 0;
}

/** The identity of the one who writes. */
export function writerOf(request: WriteRequest): Omit<Manager, 'time' | 'fields'> {
  return {
    name: request.manager,
    operation: request.operation ?? 'Update',
    apiVersion: request.resource.apiVersion,
    subresource: request.subresource ?? '',
  };
}
