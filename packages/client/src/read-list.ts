import type { ObjectList } from './api.ts';
import { inFairTurns } from './fair-turns.ts';
import { refuseTooLarge } from './list-size.ts';
import { ListSplitter } from './list-splitter.ts';
import { dropManagedFields } from './managed-fields.ts';
import { messageOf } from './pem.ts';
import type { Resource } from './resource.ts';

/** What {@link readList} and {@link readDeleted} need. `check` may refuse what is around the items with a better error. */
export interface ReadListOptions<T> {
  readonly resource: Resource<T>;
  readonly maxObjectBytes: number;
  /** As the client's option. Default: no limit. */
  readonly maxListBytes?: number | undefined;
  readonly check?: ((envelope: object) => void) | undefined;
  /** What the bytes are. Default JSON. */
  readonly form?: 'json' | 'protobuf' | undefined;
  /** Whether items go without `metadata.managedFields`. */
  readonly omitManagedFields?: boolean | undefined;
  readonly onYield?: (() => void) | undefined;
}

type Envelope = Omit<ObjectList<unknown>, 'items'>;

/**
 * Reads a list as it arrives, in turns of a few milliseconds.
 *
 * @throws Error when it is not a list (which proxies answer with 200 too), is cut off or has an item that is not JSON
 */
export async function readList<T>(
  chunks: AsyncIterable<readonly Buffer[]>,
  options: ReadListOptions<T>,
): Promise<ObjectList<T>> {
  const items: T[] = [];
  // An item of this resource's list is what the resource's descriptor says it is.
  const onItem = (item: object): void => void items.push(item as T);
  const envelope = await readEnvelope(chunks, { ...options, onItem });
  return { ...envelope, items };
}

/**
 * Reads what a deletion of many objects is answered with, a list of them or a Status, and keeps nothing.
 *
 * @throws Error when it is neither or is cut off
 */
export async function readDeleted(
  chunks: AsyncIterable<readonly Buffer[]>,
  options: ReadListOptions<unknown>,
): Promise<void> {
  await readEnvelope(chunks, {
    ...options,
    maxListBytes: undefined,
    onItem: () => {},
    mayBeStatus: true,
  });
}

async function readEnvelope(
  chunks: AsyncIterable<readonly Buffer[]>,
  options: ReadListOptions<unknown> & {
    readonly onItem: (item: object) => void;
    readonly mayBeStatus?: boolean;
  },
): Promise<Envelope> {
  const { resource, onYield, mayBeStatus, maxListBytes = Infinity } = options;
  let count = 0;
  let bytes = 0;
  const onItem = (item: object): void => {
    options.onItem(item);
    count += 1;
  };
  try {
    const reader = await readerOf({ ...options, onItem });
    for await (const pieces of inFairTurns(chunks, onYield))
      for (const piece of pieces) {
        reader.push(piece);
        bytes += piece.length;
        refuseTooLarge({ bytes, items: count, maxBytes: maxListBytes });
      }
    // The readers take nothing but an object.
    const envelope = reader.end() as object;
    options.check?.(envelope);
    if (mayBeStatus && 'kind' in envelope && envelope.kind === 'Status')
      return { metadata: { resourceVersion: '' } };
    return envelopeOf(envelope, resource);
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof RangeError)) throw cause;
    const where = count === 0 ? '' : ` after ${count} items`;
    throw new Error(`Cannot read the list of ${resource.name}${where}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** What takes the bytes of a list and gives its items. */
interface ListReader {
  push(piece: Buffer): void;
  end(): unknown;
}

async function readerOf(
  options: ReadListOptions<unknown> & { readonly onItem: (item: object) => void },
): Promise<ListReader> {
  const { resource, maxObjectBytes, omitManagedFields = false, onItem } = options;
  if (options.form !== 'protobuf')
    return new ListSplitter({
      maxObjectBytes,
      onItem: (json) => {
        const item = parseItem(json, resource);
        if (omitManagedFields) dropManagedFields(item);
        onItem(item);
      },
    });
  const { listReader } = await import('./protobuf/readers.ts');
  return listReader({ maxObjectBytes, omitManagedFields, onItem, item: resource });
}

/** Items of built-in kinds come without kind and apiVersion, as the list has them once; events have them, so items get them as well. */
function parseItem(json: string, resource: Resource<unknown>): object {
  // The splitter gives nothing but objects.
  const item = JSON.parse(json) as { apiVersion?: string; kind?: string };
  item.apiVersion ??= resource.apiVersion;
  item.kind ??= resource.kind;
  return item;
}

/**
 * What is taken for an empty list empties caches, so it must be a list. Its kind ends in `List`, unless a
 * CustomResourceDefinition chose another `listKind`. Go says null for a list without items; that needs the kind.
 */
function envelopeOf(parsed: object, resource: Resource<unknown>): Envelope {
  if (!('items' in parsed)) throw new SyntaxError('It has no items, so it is not a list');
  // What is not looked at here is the server's word.
  const { apiVersion, kind, metadata, items } = parsed as Partial<ObjectList<unknown>>;
  const isOwn = resource.group.includes('.') && apiVersion === resource.apiVersion;
  // The server may say anything, so this is JSON of anything.
  const said = JSON.stringify(kind);
  if (kind !== undefined && !isOwn && !said.endsWith('List"'))
    throw new SyntaxError(`It is of kind ${said}, which is not a list`);
  if (resource.isMetadataOnly && kind !== 'PartialObjectMetadataList')
    throw new SyntaxError(`It is of kind ${said} although only metadata was asked for`);
  if (!Array.isArray(items) && !(items === null && kind !== undefined))
    throw new SyntaxError('Its items are no array, so it is not a list');
  return {
    ...(apiVersion !== undefined && { apiVersion }),
    ...(kind !== undefined && { kind }),
    metadata: { ...metadata, resourceVersion: metadata?.resourceVersion ?? '' },
  };
}
