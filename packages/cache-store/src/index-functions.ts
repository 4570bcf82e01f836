import { checkText } from './checks.ts';
import { fieldValue } from './field-path.ts';
import type { ObjectLike } from './object.ts';

/**
 * Computes under which values an object is filed in one index: none, one or several; duplicates count once.
 *
 * A function that throws fails the write which called it, and the store stays as it was.
 */
export type IndexFunc<T> = (obj: T) => readonly string[];

/** Index functions by the name of their index. */
export type Indexers<T> = Readonly<Record<string, IndexFunc<T>>>;

/** Name of the index by namespace, which listers use when it is there. Same name as in client-go. */
export const namespaceIndex = 'namespace' as const;

/** Files an object under its namespace, or under "" when it is cluster-scoped. */
export function metaNamespaceIndexFunc(obj: ObjectLike): readonly string[] {
  return [obj.metadata?.namespace ?? ''];
}

/** The labels of the functions that {@link labelIndexFunc} made. */
const labels = new WeakMap<IndexFunc<never>, string>();

/**
 * Makes an index function that files an object under its value of one label, and nowhere without that label.
 *
 * A `Lister` uses such an index by itself, whatever its name: a selector that requires a value of this label looks at the
 * objects that have it and at no others.
 *
 * @throws TypeError when the label is no text
 */
export function labelIndexFunc(label: string): IndexFunc<ObjectLike> {
  checkText('Cannot index by label', label);
  const indexFunc: IndexFunc<ObjectLike> = (obj) => {
    const own = obj.metadata?.labels;
    const value = own != null && Object.hasOwn(own, label) ? own[label] : undefined;
    return value === undefined ? [] : [value];
  };
  labels.set(indexFunc, label);
  return indexFunc;
}

/** The label by which an index function files, if {@link labelIndexFunc} made it. */
export function labelOf(indexFunc: IndexFunc<never>): string | undefined {
  return labels.get(indexFunc);
}

/** Files an object under the UID of each of its owners. */
export function ownerUidIndexFunc(obj: ObjectLike): readonly string[] {
  return obj.metadata?.ownerReferences?.map((reference) => reference.uid) ?? [];
}

/** Files an object under the UID of the owner that manages it, and nowhere without such an owner. */
export function controllerOwnerUidIndexFunc(obj: ObjectLike): readonly string[] {
  const controller = obj.metadata?.ownerReferences?.find((reference) => reference.controller);
  return controller === undefined ? [] : [controller.uid];
}

/**
 * Makes an index function that files an object under the value at a path, such as `spec.nodeName`, and nowhere when it
 * is absent or empty. Numbers and booleans are filed as their text.
 *
 * @throws TypeError when the path is no text
 */
export function fieldIndexFunc(path: string): IndexFunc<ObjectLike> {
  checkText('Cannot index by field', path);
  return (obj) => {
    const value = fieldValue(obj, path);
    return value === '' ? [] : [value];
  };
}
