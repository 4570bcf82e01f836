import { isObject, textOf, type JsonObject, type JsonValue, type KubeObject } from '../json.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { badRequest } from '../status.ts';
import { metadataShapeProblem, stringMapProblem } from '../validation/metadata.ts';
import { takeUnknownMembers } from '../validation/unknown-members.ts';

/**
 * Reads a request body as an object of `resource`, filling in kind and apiVersion where a built-in
 * kind may leave them out. Members that the resource does not have are dropped from `body`.
 *
 * @param onUnknown - is told the paths of the members that were dropped, where there are any
 * @throws StatusError 400 when it is not one
 */
export function incomingObject(
  resource: ResourceDefinition,
  body: JsonValue,
  onUnknown: (paths: readonly string[]) => void,
): KubeObject {
  if (!isObject(body)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): the body is not a JSON object`,
    );
  }
  checkType(resource, body);
  const metadata = body['metadata'] ?? {};
  if (!isObject(metadata)) throw badRequest('metadata is not an object');
  const problem = shapeProblem(resource, body);
  if (problem !== undefined) throw undecodable(resource, problem);
  const unknown = takeUnknownMembers(resource, body);
  if (unknown.length > 0) onUnknown(unknown);
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

/** What keeps a body from being an object of `resource`: a member of a wrong type. */
export function shapeProblem(resource: ResourceDefinition, body: JsonValue): string | undefined {
  if (!isObject(body)) return undefined;
  const metadata = body['metadata'] ?? {};
  if (!isObject(metadata)) return undefined;
  const wrong = ['name', 'namespace', 'generateName', 'resourceVersion', 'uid'].find(
    (key) => typeof (metadata[key] ?? '') !== 'string',
  );
  if (wrong !== undefined) {
    return `json: cannot unmarshal ${typeof metadata[wrong]} into Go struct field ObjectMeta.metadata.${wrong} of type string`;
  }
  return metadataShapeProblem(metadata) ?? dataProblem(resource, body);
}

/** 400 of a body that is not an object of `resource`. */
export function undecodable({ kind, version }: ResourceDefinition, problem: string): Error {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`);
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
      `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing in '${JSON.stringify(body)}'`,
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
