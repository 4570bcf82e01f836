import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResourceDefinition } from '../registry/definition.ts';
import { methodNotAllowed, noSuchResource, StatusError } from '../status.ts';
import { shownAs } from './accept.ts';
import { authenticate, authorise } from './auth.ts';
import { discoveryDocument } from './discovery.ts';
import type { Exchange, HttpContext } from './exchange.ts';
import { parseResourcePath, type ResourcePath } from './path.ts';
import { getObject, listObjects } from './reads.ts';
import { sendError, sendJson, sendPlain } from './respond.ts';
import {
  createFromBody,
  deleteCollection,
  deleteOne,
  patchFromBody,
  replaceFromBody,
} from './writes.ts';

const health = new Set(['/healthz', '/readyz', '/livez']);

/** Answers one request; never rejects. */
export async function handleRequest(
  context: HttpContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await route(context, request, response);
  } catch (error) {
    sendError(response, error);
    // A client that went away in the middle of its request is no failure of ours.
    if (!(error instanceof StatusError) && !request.destroyed) context.onError(error);
  }
}

async function route(
  context: HttpContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const user = authenticate(context.tokens, request.headers.authorization);
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (health.has(url.pathname)) {
    sendPlain(response, 200, 'ok');
    return;
  }
  const document =
    request.method === 'GET'
      ? discoveryDocument(context.cluster.registry, url.pathname)
      : undefined;
  if (document !== undefined) {
    sendJson(response, 200, document);
    return;
  }
  const path = parseResourcePath(url.pathname);
  const resource =
    path === undefined
      ? undefined
      : context.cluster.registry.find(path.group, path.version, path.plural);
  if (path === undefined || resource === undefined || !fits(resource, path)) {
    unknownPath(context, response, url.pathname);
    return;
  }
  const query = url.searchParams;
  const verb = verbOf(request.method ?? 'GET', path, query);
  authorise(user, {
    verb,
    group: resource.group,
    resource: path.subresource === undefined ? path.plural : `${path.plural}/${path.subresource}`,
    namespace: path.namespace,
    name: path.name,
  });
  const isList = verb === 'list' || verb === 'deletecollection';
  const shown = shownAs(resource, request.headers.accept, isList);
  await dispatch({ context, request, response, query, path, resource, shown });
}

function fits(resource: ResourceDefinition, path: ResourcePath): boolean {
  if (path.namespace !== undefined && !resource.namespaced) return false;
  if (path.name !== undefined && path.namespace === undefined && resource.namespaced) return false;
  return path.subresource === undefined || resource.subresources.includes(path.subresource);
}

/** Inside a built-in group the real server answers a Status, elsewhere plain text. */
function unknownPath(context: HttpContext, response: ServerResponse, pathname: string): void {
  const [root, group = ''] = pathname.slice(1).split('/');
  const known =
    root === 'api' ||
    (root === 'apis' &&
      context.cluster.registry
        .all()
        .some((item) => item.group === group && item.custom === undefined));
  if (known) sendError(response, noSuchResource());
  else sendPlain(response, 404, '404 page not found\n');
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

function verbOf(method: string, path: ResourcePath, query: URLSearchParams): string {
  if (method === 'DELETE' && path.name === undefined) return 'deletecollection';
  const verb = verbs[method];
  if (verb !== undefined) return verb;
  if (path.name !== undefined) return 'get';
  const watch = query.get('watch');
  return watch !== null && watch !== 'false' && watch !== '0' ? 'watch' : 'list';
}

async function dispatch(exchange: Exchange): Promise<void> {
  const { path, request } = exchange;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (path.name === undefined) {
    if (method === 'GET') return listObjects(exchange);
    const oneScope = path.namespace !== undefined || !exchange.resource.namespaced;
    if (method === 'DELETE' && oneScope && exchange.resource.deletesCollections)
      return deleteCollection(exchange);
    if (method === 'POST' && oneScope) return createFromBody(exchange);
    throw methodNotAllowed();
  }
  const creates = path.subresource === 'binding' || path.subresource === 'eviction';
  if (creates) {
    if (method === 'POST') return createFromBody(exchange);
    throw methodNotAllowed();
  }
  if (method === 'GET') return getObject(exchange, path.name);
  if (method === 'PUT') return replaceFromBody(exchange, path.name);
  if (method === 'PATCH') return patchFromBody(exchange, path.name);
  if (method === 'DELETE' && path.subresource === undefined) return deleteOne(exchange, path.name);
  throw methodNotAllowed();
}
