import { shown } from './checks.ts';

/** The part of an event that `until` and its conditions look at: those of a client’s watch, of a `RetryWatcher` and of an informer have it. */
export interface UntilEvent {
  /** `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`. */
  readonly type: string;
  /** What it is about; a Status for `ERROR`. */
  readonly object: unknown;
}

interface Conditioned {
  readonly metadata?: { readonly generation?: unknown };
  readonly status?: {
    readonly observedGeneration?: unknown;
    readonly conditions?: readonly {
      readonly type?: unknown;
      readonly status?: unknown;
      readonly observedGeneration?: unknown;
    }[];
  };
}

/** Whether the object is gone: a condition for `until`. */
export function isDeleted({ type }: UntilEvent): boolean {
  return type === 'DELETED';
}

/**
 * Makes a condition for `until`: whether the object’s status has a condition of a type and status, such as `Ready` and `True`.
 *
 * A condition that was written for an older generation than the object’s does not count, where it says so; nor does
 * that of an object that is gone. Source: the `wait` of kubectl, `pkg/cmd/wait`.
 *
 * @param status - in any case; default `True`
 * @throws TypeError when type or status is no text
 */
export function hasCondition(
  type: string,
  status: string = 'True',
): (event: UntilEvent) => boolean {
  for (const text of [type, status])
    if (typeof text !== 'string')
      throw new TypeError(
        `Cannot wait for condition ${shown(type)} to be ${shown(status)}: both must be text`,
      );
  return (event) => {
    if (isDeleted(event)) return false;
    // Every member is looked at as unknown.
    const { metadata, status: stated } = (event.object ?? {}) as Conditioned;
    if (!Array.isArray(stated?.conditions)) return false;
    const found = stated.conditions.find((condition) => condition?.type === type);
    if (!found) return false;
    const observed = found.observedGeneration ?? stated.observedGeneration;
    const generation = metadata?.generation;
    if (typeof observed === 'number' && typeof generation === 'number' && observed < generation)
      return false;
    return String(found.status).toLowerCase() === status.toLowerCase();
  };
}
