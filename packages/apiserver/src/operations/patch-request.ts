import type { KubeObject } from '../json.ts';
import type { WriteRequest } from './context.ts';

/** A PATCH of one object. */
export interface PatchRequest extends WriteRequest {
  readonly name: string;
  readonly mediaType: string;
  readonly force: boolean;
  /** Is told the paths of members that the resource does not have; may refuse by throwing. */
  readonly onUnknown: (paths: readonly string[]) => void;
}

/** The outcome of a PATCH. */
export interface Patched {
  readonly object: KubeObject;
  readonly created: boolean;
}
