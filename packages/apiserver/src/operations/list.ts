import type { KubeObject } from '../json.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { fieldSelector, labelMatcher, type Matcher } from '../selectors.ts';
import { badRequest, expired } from '../status.ts';
import type { Storage } from '../storage/storage.ts';
import { itemText, viewOf } from '../wire.ts';

/** Which objects a list or watch is about. */
export interface Selection {
  readonly resource: ResourceDefinition;
  /** `undefined` for all namespaces and for cluster-scoped resources. */
  readonly namespace: string | undefined;
  readonly matches: Matcher | undefined;
}

/**
 * Reads the selectors of a query.
 *
 * @throws StatusError 400
 */
export function selectionOf(
  resource: ResourceDefinition,
  namespace: string | undefined,
  query: URLSearchParams,
): Selection {
  const labels = labelMatcher(query.get('labelSelector') ?? '');
  const fields = fieldSelector(query.get('fieldSelector') ?? '', resource);
  if (labels === undefined && fields === undefined)
    return { resource, namespace, matches: undefined };
  const matches: Matcher = (stored) => {
    if (labels?.(stored) === false) return false;
    return fields === undefined || fields.matches(viewOf(resource, stored));
  };
  return { resource, namespace, matches };
}

/** Whether an object belongs to a selection. */
export function isSelected({ namespace, matches }: Selection, object: KubeObject): boolean {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false;
  return matches === undefined || matches(object);
}

/** How a list is read. */
export interface ListRequest extends Selection {
  /** 0 for all. */
  readonly limit: number;
  readonly continueToken: string;
  /** The exact version to list at; `undefined` for the newest. */
  readonly exactVersion: number | undefined;
}

/** The selected objects of the newest state, in order. */
export function selectedObjects(storage: Storage, selection: Selection): KubeObject[] {
  const table = storage.table(selection.resource.storageId);
  return select(table.keys(), (key) => table.get(key), selection);
}

function select(
  keys: readonly string[],
  read: (key: string) => KubeObject | undefined,
  selection: Selection,
): KubeObject[] {
  const objects: KubeObject[] = [];
  for (const key of keys) {
    const object = read(key);
    if (object !== undefined && isSelected(selection, object)) objects.push(object);
  }
  return objects;
}

/** A position in a paged list. `version` 0 goes on with whatever is there. */
interface Position {
  readonly version: number;
  readonly after: string;
}

/**
 * The text of a list.
 *
 * @throws StatusError 400 for a bad continue token, 410 when its version is forgotten
 */
export function listText(storage: Storage, request: ListRequest): string {
  const { resource, limit } = request;
  const position = request.continueToken === '' ? undefined : decode(request.continueToken);
  const wanted = position === undefined ? request.exactVersion : position.version;
  const version = wanted === undefined || wanted === 0 ? storage.resourceVersion : wanted;
  const objects = objectsAt(storage, request, { version, after: position?.after ?? '' });
  const page = limit > 0 ? objects.slice(0, limit) : objects;
  const metadata: Record<string, unknown> = { resourceVersion: String(version) };
  const rest = objects.length - page.length;
  const last = page.at(-1);
  if (rest > 0 && last !== undefined) {
    metadata['continue'] = encode({ version, after: keyOf(last) });
    if (request.matches === undefined) metadata['remainingItemCount'] = rest;
  }
  // Lists of custom resources always have the member.
  else if (resource.custom !== undefined) metadata['continue'] = '';
  const items = page.map((object) => itemText(resource, object)).join(',');
  return envelope(resource, JSON.stringify(metadata), items);
}

/** The real server says null for no metadata at all, and an empty array for no objects. */
function envelope(resource: ResourceDefinition, metadata: string, items: string): string {
  const { listKind, apiVersion, isMetadataOnly } = resource;
  const array = isMetadataOnly && items === '' ? 'null' : `[${items}]`;
  return `{"kind":${JSON.stringify(listKind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${metadata},"items":${array}}\n`;
}

function objectsAt(
  storage: Storage,
  request: ListRequest,
  { version, after }: Position,
): KubeObject[] {
  const table = storage.table(request.resource.storageId);
  const current = version === storage.resourceVersion;
  const past = current ? undefined : table.snapshot(version);
  if (!current && past === undefined) throw tooOld(after);
  const keys = past === undefined ? table.keys() : [...past.keys()].sort();
  const from = after === '' ? 0 : firstAfter(keys, after);
  const read =
    past === undefined ? (key: string) => table.get(key) : (key: string) => past.get(key);
  return select(from === 0 ? keys : keys.slice(from), read, request);
}

function tooOld(after: string): Error {
  if (after === '') return expired('The resourceVersion for the provided list is too old.');
  return expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    encode({ version: 0, after }),
  );
}

function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function firstAfter(keys: readonly string[], after: string): number {
  const found = keys.findIndex((key) => key > after);
  return found < 0 ? keys.length : found;
}

function encode(position: Position): string {
  const token = { v: 'meta.k8s.io/v1', rv: position.version, start: position.after };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function decode(token: string): Position {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (typeof parsed === 'object' && parsed !== null && 'rv' in parsed && 'start' in parsed) {
      const { rv, start } = parsed;
      if (typeof rv === 'number' && typeof start === 'string') return { version: rv, after: start };
    }
  } catch {
    // Falls through: whatever is not a token of ours is answered alike.
  }
  throw badRequest(
    'invalid continue token: continue key is not valid: the token was not made by this server',
  );
}

/** The text of a list whose objects are given, as deletecollection answers. */
export function listTextOf(
  resource: ResourceDefinition,
  objects: readonly KubeObject[],
  resourceVersion: number,
): string {
  const items = objects.map((object) => itemText(resource, object)).join(',');
  return envelope(resource, JSON.stringify({ resourceVersion: String(resourceVersion) }), items);
}
