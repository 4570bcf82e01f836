import { equalJson, isObject, textOf, type JsonObject, type KubeObject } from '../json.ts';
import { applyDefaults } from '../registry/defaults.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { invalid } from '../status.ts';
import {
  validateCustomResourceDefinition,
  validateDefinitionUpdate,
} from '../validation/definitions.ts';
import { validateMetadata, validateMetadataUpdate } from '../validation/metadata.ts';
import { validateBuiltIn } from '../validation/objects.ts';
import { prune, setSchemaDefaults, validateSchema } from '../validation/schema.ts';

/** Members at the top of a custom resource that its schema does not describe. */
const envelope = ['apiVersion', 'kind', 'metadata'] as const;

/** Fills defaults and drops unknown members, in place. */
export function normalise(resource: ResourceDefinition, object: KubeObject): void {
  if (resource.custom === undefined) {
    applyDefaults(resource.storageId, object);
    if (resource.storageId === '/secrets') decodeStringData(object);
    return;
  }
  const { schema } = resource.custom;
  if (schema === undefined) return;
  const { metadata } = object;
  prune(object, schema, { kept: envelope });
  setSchemaDefaults(object, schema);
  object.metadata = metadata;
}

/**
 * Validates the state that is about to be stored.
 *
 * @throws StatusError 422
 */
export function validate(
  resource: ResourceDefinition,
  object: KubeObject,
  old: KubeObject | undefined,
): void {
  const causes = validateMetadata(resource, object);
  if (old !== undefined) causes.push(...validateMetadataUpdate(old, object));
  if (resource.custom?.schema !== undefined) {
    causes.push(...validateSchema(object, resource.custom.schema));
  } else if (resource.storageId === 'apiextensions.k8s.io/customresourcedefinitions') {
    causes.push(...validateCustomResourceDefinition(object));
    if (old !== undefined) causes.push(...validateDefinitionUpdate(old, object));
  } else {
    causes.push(...validateBuiltIn(resource.storageId, object, old));
  }
  if (causes.length > 0) throw invalid(resource.kindName, object.metadata.name, causes);
}

/** Whether an update counts as a change of the desired state, which bumps the generation. */
export function desiredStateChanged(
  resource: ResourceDefinition,
  old: KubeObject,
  object: KubeObject,
): boolean {
  if (resource.custom === undefined) {
    const annotations = resource.storageId === 'apps/deployments';
    return (
      !equalJson(desired(old, true), desired(object, true)) ||
      (annotations && !equalJson(old.metadata.annotations, object.metadata.annotations))
    );
  }
  return !equalJson(
    desired(old, resource.custom.hasStatus),
    desired(object, resource.custom.hasStatus),
  );
}

function desired(object: KubeObject, withoutStatus: boolean): JsonObject {
  const { metadata: _metadata, apiVersion: _apiVersion, ...rest } = object;
  const result: JsonObject = rest;
  if (withoutStatus) delete result['status'];
  return result;
}

/** A Secret's `stringData` is written into `data` and not kept. */
function decodeStringData(object: KubeObject): void {
  const plain = object['stringData'];
  if (!isObject(plain)) return;
  const data = isObject(object['data']) ? object['data'] : {};
  for (const [key, value] of Object.entries(plain)) {
    data[key] = Buffer.from(textOf(value)).toString('base64');
  }
  object['data'] = data;
  delete object['stringData'];
}
