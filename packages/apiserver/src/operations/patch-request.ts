import type { KubeObject } from '../json.ts';
import type { WriteRequest } from './context.ts';

/** A PATCH of one object. */
export interface PatchRequest extends WriteRequest {
  readonly name: string;
  readonly mediaType: string;
  readonly force: boolean;
}

/** The outcome of a PATCH. */
export interface Patched {
  readonly object: KubeObject;
  readonly created: boolean;
}
