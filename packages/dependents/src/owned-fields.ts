import type { ObjectLike } from '@kubeloop/cache-store';
import { digestOf, isMembers } from './json.ts';

/**
 * Fields as the API server notes them in `metadata.managedFields` (FieldsV1, KEP-555): `f:name` is a member, `k:{…}` an item
 * by its keys, `v:…` an item by its value, `i:…` an item by its place; what has nothing below it is owned as a whole.
 */
export interface FieldTree {
  readonly [step: string]: FieldTree;
}

/** Whose fields, and of which version. */
export interface FieldOwner {
  readonly fieldManager: string;
  readonly apiVersion: string;
}

/**
 * The fields that an owner has applied. `'unknown'` when the object does not say who owns what, say because a cache leaves
 * `managedFields` out; `undefined` when it does and the owner has none.
 */
export function ownedFields(
  object: ObjectLike,
  owner: FieldOwner,
): FieldTree | 'unknown' | undefined {
  const managedFields: unknown = Reflect.get(object.metadata ?? {}, 'managedFields');
  if (!Array.isArray(managedFields) || managedFields.length === 0) return 'unknown';
  const entry: unknown = managedFields.find(
    (each: unknown) =>
      isMembers(each) &&
      each['manager'] === owner.fieldManager &&
      each['operation'] === 'Apply' &&
      each['apiVersion'] === owner.apiVersion &&
      !each['subresource'],
  );
  if (!isMembers(entry) || !isMembers(entry['fieldsV1'])) return undefined;
  // FieldsV1 is a tree of objects all the way down.
  return entry['fieldsV1'] as FieldTree;
}

/** The steps below a node. */
export function stepsOf(node: FieldTree): readonly string[] {
  return Object.keys(node).filter((step) => step !== '.');
}

/** The value that a step leads to; `undefined` when there is none. */
export function valueAt(value: unknown, step: string): unknown {
  const rest = step.slice(2);
  if (step.startsWith('f:')) return isMembers(value) ? value[rest] : undefined;
  if (!Array.isArray(value)) return undefined;
  const wanted: unknown = JSON.parse(rest);
  if (step.startsWith('i:')) return value[Number(wanted)];
  if (step.startsWith('v:')) return value.find((each) => digestOf(each) === digestOf(wanted));
  const keys = Object.entries(isMembers(wanted) ? wanted : {});
  return value.find(
    (each) => isMembers(each) && keys.every(([key, wantedKey]) => each[key] === wantedKey),
  );
}

/** Stands for the values of all these fields: it changes when one of them or the fields themselves do. */
export function digestOfFields(object: unknown, fields: FieldTree): string {
  return digestOf(project(object, fields));
}

function project(value: unknown, node: FieldTree): unknown {
  const steps = stepsOf(node);
  if (steps.length === 0) return value ?? null;
  return Object.fromEntries(
    steps.map((step) => [step, project(valueAt(value, step), node[step] ?? {})]),
  );
}
