import { bindPod } from '../operations/bind.ts';
import type { WriteRequest } from '../operations/context.ts';
import { createObject } from '../operations/create.ts';
import {
  checkDeletable,
  deleteObject,
  deleteOptions,
  type Deletion,
} from '../operations/delete.ts';
import { incomingObject, undecodable } from '../operations/incoming.ts';
import { listTextOf, selectedObjects, selectionOf } from '../operations/list.ts';
import { APPLY_PATCH, checkPatchType, patchObject } from '../operations/patch.ts';
import { scaleOf, withScale } from '../operations/scale.ts';
import { updateObject } from '../operations/update.ts';
import { isObject, type JsonValue, type KubeObject } from '../json.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { badRequest, invalidPatch, notFound } from '../status.ts';
import { objectText } from '../wire.ts';
import { mediaType, parseConfiguration, parseObject, parsePatch, readBody } from './body.ts';
import type { Exchange } from './exchange.ts';
import { sendJson, sendText } from './respond.ts';
import { unknownMembers, writeRequest } from './write-options.ts';

/** POST of an object to a collection, or to a subresource that is only created. */
export async function createFromBody(exchange: Exchange): Promise<void> {
  const { context, path, resource, request } = exchange;
  const body = parseObject(await readBody(request), mediaType(request), resource.kind);
  const write = writeRequest(exchange, 'CreateOptions');
  if (path.name !== undefined) {
    createSubresource(exchange, { write, name: path.name, body });
    return;
  }
  const object = createObject(context.cluster, write, incomingFrom(exchange, body));
  sendObject(exchange, 201, object);
}

interface SubresourceBody {
  readonly write: WriteRequest;
  readonly name: string;
  readonly body: JsonValue;
}

function createSubresource(exchange: Exchange, { write, name, body }: SubresourceBody): void {
  const { context, path, resource, response } = exchange;
  if (path.subresource === 'binding') {
    bindPod(context.cluster, write, name, body);
  } else {
    const options = isObject(body) && isObject(body['deleteOptions']) ? body['deleteOptions'] : {};
    const pod = existing(exchange, name);
    deleteObject(context.cluster, resource, pod, deleteOptions(options, exchange.query));
  }
  sendJson(response, 201, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code: 201,
  });
}

/** Reads the object of a body, and tells of members that its resource does not have. */
function incomingFrom(exchange: Exchange, body: JsonValue): KubeObject {
  const { resource } = exchange;
  const tell = unknownMembers(exchange, (why) => undecodable(resource, why));
  return incomingObject(resource, body, tell);
}

/** PUT of an object, its status or its scale. */
export async function replaceFromBody(exchange: Exchange, name: string): Promise<void> {
  const { context, path, resource, request, response } = exchange;
  const { cluster } = context;
  const body = parseObject(await readBody(request), mediaType(request), resource.kind);
  const write = writeRequest(exchange, 'UpdateOptions');
  if (path.subresource === 'scale') {
    const old = existing(exchange, name);
    const scaled = updateObject(cluster, write, old, withScale(resource, old, body));
    sendJson(response, 200, scaleOf(resource, scaled));
    return;
  }
  const sent = incomingFrom(exchange, body);
  if (!sent.metadata.name) throw nameMissing(name);
  const old = cluster.storage.get(resource.storageId, path.namespace, name);
  if (old !== undefined) {
    sendObject(exchange, 200, updateObject(cluster, write, old, sent));
    return;
  }
  if (sent.metadata.name !== name) throw nameMismatch(sent.metadata.name, name);
  if (!resource.createOnUpdate || path.subresource !== undefined) {
    throw notFound(resource.resourceName, name);
  }
  sendObject(exchange, 201, createObject(cluster, write, sent));
}

function nameMissing(name: string): Error {
  return badRequest(
    `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
  );
}

function nameMismatch(sent: string, name: string): Error {
  return badRequest(
    `the name of the object (${sent}) does not match the name on the URL (${name})`,
  );
}

/** PATCH of an object, its status or its scale. */
export async function patchFromBody(exchange: Exchange, name: string): Promise<void> {
  const { context, path, query, resource, request, response } = exchange;
  const type = mediaType(request);
  checkPatchType(resource, type);
  const apply = type === APPLY_PATCH;
  const bytes = await readBody(request);
  const patch = apply ? parseConfiguration(bytes) : parsePatch(bytes);
  const write = writeRequest(exchange, 'PatchOptions', apply);
  const force = query.get('force') === 'true' || query.get('force') === '1';
  if (path.subresource === 'scale') {
    const old = existing(exchange, name);
    const scale = scaleOf(resource, old);
    const patched =
      type === 'application/json-patch+json'
        ? applyJsonPatch(scale, patch)
        : applyMergePatch(scale, patch);
    const scaled = updateObject(context.cluster, write, old, withScale(resource, old, patched));
    sendJson(response, 200, scaleOf(resource, scaled));
    return;
  }
  const onUnknown = unknownMembers(exchange, (why) => invalidPatch(patch, why));
  const patched = { ...write, name, mediaType: type, force, onUnknown };
  const outcome = patchObject(context.cluster, patched, patch);
  sendObject(exchange, outcome.created ? 201 : 200, outcome.object);
}

/** DELETE of one object. */
export async function deleteOne(exchange: Exchange, name: string): Promise<void> {
  const { context, resource, shown, response, query } = exchange;
  const options = deleteOptions(await optionalBody(exchange), query);
  checkDeletable(resource, name);
  const deletion = deleteObject(context.cluster, resource, existing(exchange, name), options);
  if (!deletion.gone || resource.returnsDeleted) {
    sendText(response, 200, `${objectText(shown, deletion.object)}\n`);
    return;
  }
  sendJson(response, 200, successStatus(exchange, deletion));
}

function successStatus({ resource }: Exchange, { object }: Deletion): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.metadata.name,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.plural,
      uid: object.metadata.uid,
    },
  };
}

/** DELETE of a collection. */
export async function deleteCollection(exchange: Exchange): Promise<void> {
  const { context, path, query, resource, shown, response } = exchange;
  const { cluster } = context;
  const options = deleteOptions(await optionalBody(exchange), query);
  const objects = selectedObjects(cluster.storage, selectionOf(resource, path.namespace, query));
  const deleted = objects.map((object) => deleteObject(cluster, resource, object, options).object);
  sendText(response, 200, listTextOf(shown, deleted, cluster.storage.resourceVersion));
}

async function optionalBody({ request }: Exchange): Promise<JsonValue | undefined> {
  const bytes = await readBody(request);
  return bytes.length === 0 ? undefined : parseObject(bytes, mediaType(request), 'DeleteOptions');
}

function existing({ context, path, resource }: Exchange, name: string): KubeObject {
  const found = context.cluster.storage.get(resource.storageId, path.namespace, name);
  if (found === undefined) throw notFound(resource.resourceName, name);
  return found;
}

function sendObject({ response, shown }: Exchange, code: number, object: KubeObject): void {
  sendText(response, code, `${objectText(shown, object)}\n`);
}
