import { acceptHeader, protobufAcceptHeader } from './accept-header.ts';
import type { Apply } from './apply-object.ts';
import { refuseUnlessJson, type Answer } from './answer.ts';
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectList,
  PatchOptions,
  Scale,
  SelectionOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './api.ts';
import { chunksOf } from './body-chunks.ts';
import { deleteBody, selectionQuery, writeQuery } from './call-parameters.ts';
import { checkWhole } from './client-options.ts';
import type { PoolRequest } from './transport.ts';
import { expectObject, refuseFailure } from './expect-object.ts';
import { describeAction, type Action } from './failure.ts';
import { jsonBody } from './json-body.ts';
import { readAnswer } from './read-answer.ts';
import { placeOf, requireNamespace, type Place } from './object-place.ts';
import { isProtobuf } from './protobuf/negotiation.ts';
import { PageGuard } from './page-guard.ts';
import { readDeleted, readList, type ReadListOptions } from './read-list.ts';
import type { ResourceClient } from './resource-client.ts';
import { checkSegment, resourcePath, type Query, type ResourcePath } from './resource-path.ts';
import type { Resource } from './resource.ts';
import type { Session, SessionRequest } from './session.ts';
import type { Status } from './status.ts';
import { WatchStream } from './watch-stream.ts';

type Subresource = 'status' | 'scale';

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

/** The page size of `listAll`, as client-go's pager. */
const defaultPageSize = 500;

/** What a call is, besides its place. */
interface Call {
  readonly verb: string;
  readonly method: PoolRequest['method'];
  readonly place: Place;
  readonly subresource?: Subresource | undefined;
  readonly selectors?: SelectionOptions | undefined;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly options: CallOptions;
}

/** The calls for one resource over a session. */
export class HttpResourceClient<T> implements ResourceClient<T> {
  readonly resource: Resource<T>;
  readonly #session: Session;
  readonly #namespace: string | undefined;

  constructor(session: Session, resource: Resource<T>, namespace?: string) {
    this.#session = session;
    this.resource = resource;
    this.#namespace = namespace;
  }

  namespace(name: string): ResourceClient<T> {
    checkSegment('namespace', name);
    if (!this.resource.namespaced)
      throw new TypeError(
        `Cannot choose namespace "${name}": ${this.resource.name} are cluster-scoped`,
      );
    return new HttpResourceClient(this.#session, this.resource, name);
  }

  async get(name: string, options: GetOptions = {}): Promise<T> {
    const { resourceVersion } = options;
    return this.#read<T>({
      verb: 'get',
      method: 'GET',
      place: this.#named('get', name),
      query: { resourceVersion },
      options,
    });
  }

  async list(options: ListOptions = {}): Promise<ObjectList<T>> {
    const { gzip } = this.#session.behaviour;
    const request = this.#request({
      verb: 'list',
      method: 'GET',
      place: { namespace: this.#namespace },
      selectors: options,
      query: {
        ...selectionQuery(options),
        limit: checkWhole('limit', options.limit ?? 0) || undefined,
        continue: options.continue,
      },
      options,
    });
    const headers = gzip ? { ...request.headers, 'accept-encoding': 'gzip' } : request.headers;
    const { signal, omitManagedFields } = options;
    return this.#readList({ ...request, headers }, signal, (body, how) =>
      readList<T>(body, { ...how, omitManagedFields }),
    );
  }

  async *listAll(options: ListOptions = {}): AsyncGenerator<T> {
    const guard = new PageGuard(this.resource.name, this.#session.server.text);
    let page: ListOptions = { ...options, limit: options.limit || defaultPageSize };
    for (;;) {
      const { items, metadata } = await this.list(page);
      yield* items;
      const token = metadata.continue;
      if (!token) return;
      guard.note(items.length, token);
      // The token says which version; with both, the server refuses.
      page = {
        ...page,
        continue: token,
        resourceVersion: undefined,
        resourceVersionMatch: undefined,
      };
    }
  }

  watch(options: WatchOptions = {}): AsyncIterable<WatchEvent<T>> {
    const { allowWatchBookmarks, sendInitialEvents, omitManagedFields, signal } = options;
    const idleTimeoutMs = checkWhole('idleTimeoutMs', options.idleTimeoutMs ?? 0);
    const request = this.#request({
      verb: 'watch',
      method: 'GET',
      place: { namespace: this.#namespace },
      selectors: options,
      query: { ...selectionQuery(options), watch: true, allowWatchBookmarks, sendInitialEvents },
      options,
    });
    const session = this.#session;
    return {
      [Symbol.asyncIterator]: () =>
        new WatchStream<T>({
          session,
          request: { ...request, timeoutMs: 0, isEndless: true },
          signal,
          idleTimeoutMs,
          omitManagedFields,
        }),
    };
  }

  async create(obj: T, options: WriteOptions = {}): Promise<T> {
    return this.#read<T>({
      verb: 'create',
      method: 'POST',
      place: this.#placed('create', obj),
      query: writeQuery(options),
      body: this.#identified(obj),
      options,
    });
  }

  async update(obj: T, options: WriteOptions = {}): Promise<T> {
    return this.#replace('update', obj, options);
  }

  async updateStatus(obj: T, options: WriteOptions = {}): Promise<T> {
    return this.#replace('update status of', obj, options, 'status');
  }

  async patch(name: string, patch: unknown, options: PatchOptions): Promise<T> {
    return this.#patch<T>('patch', this.#named('patch', name), { patch, options });
  }

  async patchStatus(name: string, patch: unknown, options: PatchOptions): Promise<T> {
    const verb = 'patch status of';
    return this.#patch<T>(verb, this.#named(verb, name), { patch, options, subresource: 'status' });
  }

  async apply(obj: Apply<T>, options: ApplyOptions): Promise<T> {
    return this.#apply('apply', obj, options);
  }

  async applyStatus(obj: Apply<T>, options: ApplyOptions): Promise<T> {
    return this.#apply('apply status of', obj, options, 'status');
  }

  async delete(name: string, options: DeleteOptions = {}): Promise<T | Status> {
    return this.#read<T | Status>({
      verb: 'delete',
      method: 'DELETE',
      place: this.#named('delete', name),
      body: deleteBody(options),
      options,
    });
  }

  async deleteCollection(options: DeleteOptions & ListOptions = {}): Promise<void> {
    const place = { namespace: this.#namespace };
    requireNamespace(this.resource, 'delete all', place);
    const request = this.#request({
      verb: 'delete all',
      method: 'DELETE',
      place,
      selectors: options,
      query: { ...selectionQuery(options), limit: options.limit, continue: options.continue },
      body: deleteBody(options),
      options,
    });
    await this.#readList(request, options.signal, readDeleted);
  }

  async getScale(name: string, options: CallOptions = {}): Promise<Scale> {
    const verb = 'get scale of';
    const place = this.#named(verb, name);
    return this.#read<Scale>({ verb, method: 'GET', place, subresource: 'scale', options });
  }

  async updateScale(name: string, scale: Scale, options: WriteOptions = {}): Promise<Scale> {
    const verb = 'update scale of';
    const place = this.#named(verb, name);
    const body = { apiVersion: 'autoscaling/v1', kind: 'Scale', ...scale };
    const query = writeQuery(options);
    return this.#read<Scale>({
      verb,
      method: 'PUT',
      place,
      subresource: 'scale',
      query,
      body,
      options,
    });
  }

  async patchScale(name: string, patch: unknown, options: PatchOptions): Promise<Scale> {
    const verb = 'patch scale of';
    return this.#patch<Scale>(verb, this.#named(verb, name), {
      patch,
      options,
      subresource: 'scale',
    });
  }

  #named(verb: string, name: string): Place {
    checkSegment('name', name);
    const place = { name, namespace: this.#namespace };
    requireNamespace(this.resource, verb, place);
    return place;
  }

  #placed(verb: string, obj: T | Apply<T>): Place {
    return placeOf(obj, this.resource, { verb, chosen: this.#namespace });
  }

  /** The server wants to be told what an object is; callers need not say it again. */
  #identified(obj: T | Apply<T>): object {
    const { apiVersion, kind } = this.resource;
    return { apiVersion, kind, ...obj };
  }

  #replace(verb: string, obj: T, options: WriteOptions, subresource?: Subresource): Promise<T> {
    const place = this.#placed(verb, obj);
    const query = writeQuery(options);
    const body = this.#identified(obj);
    return this.#read<T>({ verb, method: 'PUT', place, subresource, query, body, options });
  }

  #patch<R>(
    verb: string,
    place: Place,
    call: { patch: unknown; options: PatchOptions; subresource?: Subresource },
  ): Promise<R> {
    const { patch: body, options, subresource } = call;
    const contentType = patchTypes[options?.type];
    if (contentType === undefined)
      throw new TypeError(
        `Cannot ${verb} ${this.resource.name}: type is ${JSON.stringify(options?.type)}, not "json", "merge" or "strategic"`,
      );
    if (options.type === 'json' && !Array.isArray(body))
      throw new TypeError(
        `Cannot ${verb} ${this.resource.name}: a JSON patch is an array of operations`,
      );
    if (typeof body !== 'object' || body === null)
      throw new TypeError(`Cannot ${verb} ${this.resource.name}: the patch is no object`);
    const query = writeQuery(options);
    return this.#read<R>({
      verb,
      method: 'PATCH',
      place,
      subresource,
      query,
      body,
      contentType,
      options,
    });
  }

  #apply(
    verb: string,
    obj: Apply<T>,
    options: ApplyOptions,
    subresource?: Subresource,
  ): Promise<T> {
    if (!options?.fieldManager)
      throw new TypeError(
        `Cannot ${verb} ${this.resource.name}: option "fieldManager" is required`,
      );
    return this.#read<T>({
      verb,
      method: 'PATCH',
      place: this.#placed(verb, obj),
      subresource,
      query: { ...writeQuery(options), force: options.force },
      body: this.#identified(obj),
      // JSON is YAML.
      contentType: 'application/apply-patch+yaml',
      options,
    });
  }

  #request(call: Call): SessionRequest {
    const { verb, place, subresource, contentType = 'application/json', body, options } = call;
    const { labelSelector, fieldSelector } = call.selectors ?? {};
    const { resource } = this;
    const action: Action = { verb, resource, ...place, subresource, labelSelector, fieldSelector };
    // A new object has a name, but no path yet.
    const name = call.method === 'POST' ? undefined : place.name;
    const path: ResourcePath = { namespace: place.namespace, name, subresource };
    const accept = acceptHeader(resource, call);
    const protobuf = this.#session.offersProtobuf
      ? protobufAcceptHeader(resource, call)
      : undefined;
    return {
      action,
      method: call.method,
      path: resourcePath(this.resource, path, call.query),
      headers: {
        accept: protobuf ?? accept,
        ...(body !== undefined && { 'content-type': contentType }),
      },
      plainAccept: protobuf && accept,
      body: body === undefined ? undefined : jsonBody(body, describeAction(action)),
      maxRetries:
        options.maxRetries === undefined ? undefined : checkWhole('maxRetries', options.maxRetries),
    };
  }

  /** Answers that may be as long as a list are read as they arrive. */
  #readList<R>(
    request: SessionRequest,
    signal: AbortSignal | undefined,
    read: (body: AsyncIterable<readonly Buffer[]>, options: ReadListOptions<T>) => Promise<R>,
  ): Promise<R> {
    const { behaviour, server } = this.#session;
    const { maxObjectBytes, maxListBytes } = behaviour;
    const about = { action: request.action, server: server.text };
    const check = (envelope: object): void => refuseFailure(envelope, about);
    return this.#session.call(request, signal, async (answer) => {
      const form = isProtobuf(answer) ? 'protobuf' : 'json';
      if (form === 'json') await refuseUnlessJson(answer, server.text);
      return read(chunksOf(answer), {
        resource: this.resource,
        maxObjectBytes,
        maxListBytes,
        check,
        form,
      });
    });
  }

  #read<R>(call: Call): Promise<R> {
    const request = this.#request(call);
    const { action } = request;
    return this.#session.call(request, call.options.signal, async (answer: Answer) => {
      const { behaviour, server } = this.#session;
      const value = await readAnswer(answer, server.text, behaviour.maxObjectBytes);
      // An object of the right kind is what its descriptor says it is.
      return expectObject(value, {
        action,
        server: server.text,
        kinds: kindsOf(call, this.resource.kind),
      }) as R;
    });
  }
}

/** What a call may be answered with. */
function kindsOf(call: Call, kind: string): readonly string[] {
  if (call.subresource === 'scale') return ['Scale'];
  return call.method === 'DELETE' ? [kind, 'Status'] : [kind];
}
