import {
  compareResourceVersions,
  DeletedFinalStateUnknown,
  deletionHandlingMetaNamespaceKeyFunc,
  KeyError,
  metaNamespaceKeyFunc,
  splitMetaNamespaceKey,
} from '@kubeloop/cache-store';
import type { Recording } from './recording.ts';

/** Objects, tombstones and keys through the functions for keys; "refused" stands for the key of an object that has none. */
export function keys(recording: Recording): readonly (readonly unknown[])[] {
  return recording.cases.map((each) => {
    const [what, first = '', second = '', third = ''] = each.map(String);
    if (what === 'key') return ['key', first, ...split(first)];
    const object = { metadata: { namespace: first, name: second } };
    if (what === 'tombstone') {
      const tombstone = new DeletedFinalStateUnknown(third, object);
      return [what, first, second, third, deletionHandlingMetaNamespaceKeyFunc(tombstone)];
    }
    return [what, first, second, orRefused(() => metaNamespaceKeyFunc(object))];
  });
}

/** Pairs of texts through `compareResourceVersions`. */
export function resourceVersions(recording: Recording): readonly (readonly unknown[])[] {
  return recording.cases.map((each) => {
    const [a = '', b = ''] = each.map(String);
    try {
      return [a, b, compareResourceVersions(a, b)];
    } catch (error) {
      if (error instanceof TypeError) return [a, b];
      throw error;
    }
  });
}

function split(key: string): readonly string[] {
  try {
    const { namespace, name } = splitMetaNamespaceKey(key);
    return [namespace, name];
  } catch (error) {
    if (error instanceof TypeError) return [];
    throw error;
  }
}

function orRefused(make: () => string): string {
  try {
    return make();
  } catch (error) {
    if (KeyError.is(error)) return 'refused';
    throw error;
  }
}
