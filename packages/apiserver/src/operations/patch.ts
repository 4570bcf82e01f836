import { applyObject } from '../apply/apply.ts';
import { cloneJson, isObject, type JsonValue, type KubeObject } from '../json.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import {
  badRequest,
  invalidPatch,
  notFound,
  unsupportedMediaType,
  unsupportedPatch,
} from '../status.ts';
import { viewOf } from '../wire.ts';
import type { Cluster } from './context.ts';
import { incomingObject, shapeProblem } from './incoming.ts';
import type { Patched, PatchRequest } from './patch-request.ts';
import { updateObject } from './update.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
/** The media type of server-side apply. */
export const APPLY_PATCH = 'application/apply-patch+yaml';

/** @throws StatusError 415 when `type` is no patch for this resource */
export function checkPatchType(resource: ResourceDefinition, type: string): void {
  const strategic = resource.custom === undefined ? [STRATEGIC] : [];
  const accepted = [JSON_PATCH, MERGE_PATCH, ...strategic, APPLY_PATCH];
  if (accepted.includes(type)) return;
  throw resource.custom === undefined ? unsupportedPatch() : unsupportedMediaType(accepted);
}

/**
 * Patches an object; an apply creates the object when it is missing.
 *
 * @throws StatusError 400, 404, 409, 415 or 422
 */
export function patchObject(cluster: Cluster, request: PatchRequest, patch: JsonValue): Patched {
  const { resource, namespace, name, mediaType } = request;
  checkPatchType(resource, mediaType);
  const old = cluster.storage.get(resource.storageId, namespace, name);
  if (mediaType === APPLY_PATCH) return applyObject(cluster, { ...request, old }, patch);
  if (old === undefined) throw notFound(resource.resourceName, name);
  const outcome = patchedValue(viewOf(resource, old), patch, mediaType);
  // The outcome shares what the patch leaves alone with the stored object. Writers fill defaults in
  // place, which stored objects of built-in kinds have; those of custom resources may have changed.
  const patched = resource.custom === undefined ? outcome : cloneJson(outcome);
  const problem = shapeProblem(resource, patched);
  if (problem !== undefined) throw invalidPatch(patched, problem);
  const sent = incomingObject(resource, patched, request.onUnknown);
  return {
    object: updateObject(cluster, { ...request, patched: true }, old, sent),
    created: false,
  };
}

function patchedValue(current: KubeObject, patch: JsonValue, type: string): JsonValue {
  if (type === JSON_PATCH) return applyJsonPatch(current, patch);
  if (!isObject(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch} into Go value of type map[string]interface {}`,
    );
  }
  return type === MERGE_PATCH
    ? applyMergePatch(current, patch)
    : applyStrategicMergePatch(current, patch);
}
