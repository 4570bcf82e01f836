import { isObject, textOf, type JsonObject, type JsonValue, type KubeObject } from '../json.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { badRequest } from '../status.ts';
import { metadataShapeProblem, stringMapProblem } from '../validation/metadata.ts';

/**
 * Reads a request body as an object of `resource`, filling in kind and apiVersion where a built-in
 * kind may leave them out.
 *
 * @throws StatusError 400 when it is not one
 */
export function incomingObject(resource: ResourceDefinition, body: JsonValue): KubeObject {
  if (!isObject(body)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): the body is not a JSON object`,
    );
  }
  checkType(resource, body);
  const metadata = body['metadata'] ?? {};
  if (!isObject(metadata)) throw badRequest('metadata is not an object');
  const problem = metadataShapeProblem(metadata) ?? dataProblem(resource, body);
  if (problem !== undefined) {
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${problem}`,
    );
  }
  for (const key of ['name', 'namespace', 'generateName', 'resourceVersion', 'uid']) {
    const value = metadata[key];
    if (value !== undefined && value !== null && typeof value !== 'string') {
      throw badRequest(
        `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: json: cannot unmarshal ${typeof value} into Go struct field ObjectMeta.metadata.${key} of type string`,
      );
    }
  }
  const clean: JsonObject = {};
  for (const [key, value] of Object.entries(metadata)) {
    if (value !== null && value !== undefined) clean[key] = value;
  }
  const object = {
    ...body,
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: clean as KubeObject['metadata'], // the members were checked above; missing ones are set by the writers
  };
  return resource.toStored?.(object) ?? object;
}

/** The data of config maps and secrets is text; other members of built-in kinds are not checked. */
function dataProblem(
  { storageId, kind }: ResourceDefinition,
  body: JsonObject,
): string | undefined {
  if (storageId !== '/configmaps' && storageId !== '/secrets') return undefined;
  return stringMapProblem(body['data'], `${kind}.data`);
}

function checkType(resource: ResourceDefinition, body: JsonObject): void {
  const { kind, apiVersion } = body;
  if (resource.custom !== undefined && (kind === undefined || kind === '')) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing`,
    );
  }
  if (apiVersion !== undefined && apiVersion !== '' && apiVersion !== resource.apiVersion) {
    throw badRequest(
      `the API version in the data (${textOf(apiVersion)}) does not match the expected API version (${resource.apiVersion})`,
    );
  }
  if (kind !== undefined && kind !== '' && kind !== resource.kind) {
    throw badRequest(
      `${textOf(kind)} in version "${resource.version}" cannot be handled as a ${resource.kind}: no kind "${textOf(kind)}" is registered for version "${resource.apiVersion}"`,
    );
  }
}
