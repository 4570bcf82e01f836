import type { JsonValue, KubeObject } from '../json.ts';
import type { Cluster } from '../operations/context.ts';
import type { Patched, PatchRequest } from '../operations/patch.ts';
import { badRequest } from '../status.ts';

export interface ApplyRequest extends PatchRequest {
  readonly old: KubeObject | undefined;
}

export function applyObject(_cluster: Cluster, _request: ApplyRequest, _patch: JsonValue): Patched {
  throw badRequest('not yet');
}
