import type { ObjectList } from './api.ts';
import { inFairTurns } from './fair-turns.ts';
import { ListSplitter } from './list-splitter.ts';
import { messageOf } from './pem.ts';
import type { Resource } from './resource.ts';

/** What {@link readList} needs. */
export interface ReadListOptions<T> {
  readonly resource: Resource<T>;
  readonly maxObjectBytes: number;
  readonly onYield?: (() => void) | undefined;
}

/**
 * Reads a list as it arrives, in turns of a few milliseconds.
 *
 * @throws Error when it is not a list, is cut off or has an item that is not JSON
 */
export async function readList<T>(
  chunks: AsyncIterable<Buffer>,
  options: ReadListOptions<T>,
): Promise<ObjectList<T>> {
  const { resource, maxObjectBytes, onYield } = options;
  const items: T[] = [];
  const splitter = new ListSplitter({
    maxObjectBytes,
    onItem: (json) => items.push(parseItem(json, resource)),
  });
  try {
    for await (const piece of inFairTurns(chunks, onYield)) splitter.push(piece);
    return { ...envelopeOf(splitter.end()), items };
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof RangeError)) throw cause;
    const where = items.length === 0 ? '' : ` after ${items.length} items`;
    throw new Error(`Cannot read the list of ${resource.name}${where}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Items of built-in kinds come without kind and apiVersion, as the list has them once; events have them, so items get them as well. */
function parseItem<T>(json: string, resource: Resource<T>): T {
  // An item of this resource's list is what the resource's descriptor says it is.
  const item = JSON.parse(json) as T & { apiVersion?: string; kind?: string };
  item.apiVersion ??= resource.apiVersion;
  item.kind ??= resource.kind;
  return item;
}

function envelopeOf(parsed: unknown): Omit<ObjectList<unknown>, 'items'> {
  // The splitter takes nothing but an object; what it has is the server's word.
  const list = parsed as Partial<ObjectList<unknown>>;
  if (!('items' in list)) throw new SyntaxError('It has no items, so it is not a list');
  const { apiVersion, kind, metadata } = list;
  return {
    ...(apiVersion !== undefined && { apiVersion }),
    ...(kind !== undefined && { kind }),
    metadata: { ...metadata, resourceVersion: metadata?.resourceVersion ?? '' },
  };
}
