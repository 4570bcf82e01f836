import type { ObjectLike } from '@kubeloop/cache-store';
import {
  ApiStatusError,
  ignoreNotFound,
  isAlreadyExists,
  isConflict,
  isInvalid,
  isNotFound,
  isUnknownResource,
} from '@kubeloop/client';
import type { Resource } from '@kubeloop/client';
import type {
  CreateOrUpdateOptions,
  Mutate,
  ObjectName,
  ObjectReader,
  ObjectWriter,
  WriteOutcome,
} from './create-or-update-options.ts';
import { draftOf } from './draft.ts';
import { checkFunction, checkGiven, checkMethods, describeValue } from './option-checks.ts';

/** What is to be written, and how. */
export interface WriteCall<T> {
  readonly client: ObjectWriter<T>;
  readonly start: T | ObjectName;
  readonly mutate: Mutate<T>;
  readonly options: CreateOrUpdateOptions<T>;
}

/** One change of an object that exists. */
export interface Change<T> {
  readonly target: ObjectWriter<T>;
  readonly name: string;
  readonly before: T;
  readonly after: T;
}

/**
 * Reads an object, lets it be mutated, and creates or changes it; from the start again when it was not what it seemed.
 */
export async function write<T extends ObjectLike>(
  call: WriteCall<T>,
  change: (change: Change<T>) => Promise<WriteOutcome<T>>,
): Promise<WriteOutcome<T>> {
  const { client, options } = call;
  checkCall(call);
  const { attempts = 5, signal } = options;
  if (!Number.isInteger(attempts) || attempts < 1)
    throw new RangeError(
      `Cannot create or update with ${attempts} attempts: at least one is needed`,
    );
  const first = firstOf(call.start, client.resource);
  const { name, namespace } = first.metadata;
  const target = namespace ? client.namespace(namespace) : client;
  let reader: ObjectReader<T> = options.reader ? inNamespace(options.reader, namespace) : target;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const before = await read(reader, name, signal);
    const after = await mutated(call, before ?? first);
    try {
      if (before) return await change({ target, name, before, after });
      return { result: 'created', object: await target.create(after, callOptions(options)) };
    } catch (error) {
      if (!isStale(error, before !== undefined) || attempt >= attempts) throw error;
      reader = target;
    }
  }
}

/** @throws TypeError when a part is none */
function checkCall<T>({ client, start, mutate, options }: WriteCall<T>): void {
  checkMethods('this client', client, ['namespace', 'create']);
  const what = client.resource.name;
  if (typeof start !== 'object' || start === null)
    throw new TypeError(
      `Cannot create or update ${what}: it must begin with a name, such as { name: "a" }, or an object, not with ${describeValue(start)}`,
    );
  checkFunction(`mutate of ${what}`, mutate);
  checkGiven(`Cannot create or update ${what}`, options);
}

/** Whether a write failed because the object is not what was read. */
function isStale(error: unknown, existed: boolean): boolean {
  if (!existed) return isAlreadyExists(error);
  if (isOfAnother(error)) return true;
  // A kind without a status has no such subresource, however often it is asked for.
  return isConflict(error) || (isNotFound(error) && !isUnknownResource(error));
}

/** Whether a patch was refused because its uid is that of another object: a 422 that says that the uid cannot change. */
function isOfAnother(error: unknown): boolean {
  if (!ApiStatusError.is(error) || !isInvalid(error)) return false;
  return error.details?.causes?.some(({ field }) => field === 'metadata.uid') ?? false;
}

async function read<T>(
  reader: ObjectReader<T>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  const get = async (): Promise<T | undefined> => reader.get(name, signal ? { signal } : {});
  return ignoreNotFound(get());
}

async function mutated<T extends ObjectLike>(
  { client, mutate }: WriteCall<T>,
  before: ObjectLike,
): Promise<T> {
  // What a creation starts from lacks what mutate adds.
  const draft = draftOf(before as T);
  // A draft can be read as what it is a draft of.
  const after = ((await mutate(draft)) ?? draft) as T;
  const [{ name, namespace }, wanted] = [after.metadata ?? {}, before.metadata];
  if (name !== wanted?.name || (namespace || undefined) !== (wanted?.namespace || undefined))
    throw new TypeError(
      `Cannot create or update ${client.resource.name} "${wanted?.name}": mutate changed its name or namespace`,
    );
  return after;
}

/** The object that a creation starts from. */
function firstOf(
  start: ObjectLike | ObjectName,
  { name: what, apiVersion, kind }: Resource<unknown>,
): ObjectLike & { readonly metadata: ObjectName } {
  const object: ObjectLike = isName(start)
    ? { metadata: { name: start.name, ...(start.namespace && { namespace: start.namespace }) } }
    : start;
  const { name } = object.metadata ?? {};
  if (!name)
    throw new TypeError(`Cannot create or update ${what}: the object has no metadata.name`);
  return { apiVersion, kind, ...object, metadata: { ...object.metadata, name } };
}

/** Objects have their name elsewhere. */
function isName(start: ObjectLike | ObjectName): start is ObjectName {
  return 'name' in start && !('metadata' in start);
}

function inNamespace<T>(reader: ObjectReader<T>, namespace: string | undefined): ObjectReader<T> {
  return (namespace && reader.namespace?.(namespace)) || reader;
}

/** The options of one call of the client. */
export function callOptions({
  fieldManager,
  signal,
}: Pick<CreateOrUpdateOptions<unknown>, 'fieldManager' | 'signal'>): {
  readonly fieldManager?: string;
  readonly signal?: AbortSignal;
} {
  return { ...(fieldManager && { fieldManager }), ...(signal && { signal }) };
}
