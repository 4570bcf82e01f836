import type { ObjectLike } from '@kubeloop/cache-store';
import type { Apply } from '@kubeloop/client';
import {
  fieldsBelow,
  isJsonMap,
  matchesStep,
  keysOf,
  type FieldTree,
  type JsonMap,
} from './managed-fields.ts';

/** Whose fields {@link extractApply} takes. */
export interface ExtractApplyOptions {
  /** The subresource that they were applied to, such as `status`. Default: the object itself. */
  readonly subresource?: string | undefined;
}

/** One entry of `metadata.managedFields`, as far as it is read. */
interface ManagedFieldsEntry {
  readonly manager?: unknown;
  readonly operation?: unknown;
  readonly subresource?: unknown;
  readonly fieldsV1?: unknown;
}

/**
 * The fields of an object that a manager has applied, as what it would hand to its next apply: client-go's `Extract…`
 * functions. Change it and apply it again, and everything that the manager does not mention stays its own.
 *
 * `undefined` when the manager has applied nothing to the object, or when the object came without `managedFields`, as
 * from a cache that drops them: an apply of the name alone would give up all that the manager owns.
 *
 * Made without the schema of the kind. A map or list that is owned as a whole is taken as a whole, unless somebody else owns
 * fields in it; so fields that the server set by default in a map that was applied empty are taken too.
 */
export function extractApply<T extends ObjectLike>(
  object: T,
  fieldManager: string,
  options: ExtractApplyOptions = {},
): Apply<T> | undefined {
  const entries = managedFieldsOf(object);
  const own = entries.find(
    ({ manager, operation, subresource }) =>
      manager === fieldManager &&
      operation === 'Apply' &&
      (subresource || undefined) === (options.subresource || undefined),
  );
  if (!own || !isJsonMap(own.fieldsV1)) return undefined;
  const others = entries.filter((each) => each !== own).map(({ fieldsV1 }) => fieldsV1);
  const trees = others.filter((each) => isJsonMap(each));
  const { apiVersion, kind, metadata: { name, namespace } = {} } = object;
  // An object is a map of its members.
  const fields = extractMap(object as unknown as JsonMap, own.fieldsV1, trees);
  const metadata = { name, ...(namespace && { namespace }), ...membersOf(fields['metadata']) };
  const identity = { ...(apiVersion && { apiVersion }), ...(kind && { kind }) };
  // It has members of the object alone, and the name.
  return { ...identity, ...fields, metadata } as unknown as Apply<T>;
}

function managedFieldsOf({ metadata }: ObjectLike): readonly ManagedFieldsEntry[] {
  // Looked at as unknown.
  const { managedFields } = (metadata ?? {}) as { readonly managedFields?: unknown };
  return Array.isArray(managedFields) ? managedFields.filter((each) => isJsonMap(each)) : [];
}

function membersOf(value: unknown): JsonMap {
  return isJsonMap(value) ? value : {};
}

function extract(value: unknown, own: FieldTree, others: readonly FieldTree[]): unknown {
  if (fieldsBelow(own).length === 0) return whole(value, others);
  if (Array.isArray(value)) return extractList(value, own, others);
  return isJsonMap(value) ? extractMap(value, own, others) : value;
}

/** What is owned as a whole; a map or list in which others own fields is one that was applied empty. */
function whole(value: unknown, others: readonly FieldTree[]): unknown {
  const isShared = others.some((tree) => fieldsBelow(tree).length > 0);
  if (!isShared || typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? [] : {};
}

function extractMap(value: JsonMap, own: FieldTree, others: readonly FieldTree[]): JsonMap {
  const members = fieldsBelow(own).flatMap(([step, tree]) => {
    const name = step.slice(2);
    if (!step.startsWith('f:') || !Object.hasOwn(value, name)) return [];
    return [[name, extract(value[name], tree, below(others, step))] as const];
  });
  return Object.fromEntries(members);
}

function extractList(
  list: readonly unknown[],
  own: FieldTree,
  others: readonly FieldTree[],
): readonly unknown[] {
  const steps = fieldsBelow(own);
  return list.flatMap((item, index) => {
    const found = steps.find(([step]) => matchesStep(item, index, step));
    if (!found) return [];
    const [step, tree] = found;
    const extracted = extract(item, tree, below(others, step));
    // The server finds the item by its keys, whoever owns them.
    return [isJsonMap(extracted) ? { ...keysOf(step), ...extracted } : extracted];
  });
}

/** The trees of others below a step. */
function below(trees: readonly FieldTree[], step: string): readonly FieldTree[] {
  return trees.flatMap((tree) => {
    const child = Object.hasOwn(tree, step) ? tree[step] : undefined;
    return isJsonMap(child) ? [child] : [];
  });
}
