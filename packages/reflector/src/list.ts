import { isExpired } from './api-errors.ts';
import { assertList } from './kind.ts';
import type { ListPage, ListRequest } from './lister-watcher.ts';
import { PageGuard } from './page-guard.ts';

/** The whole of a collection at one version. */
export interface WholeList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** Whether the server cut it into pages. */
  readonly isPaginated: boolean;
}

/**
 * Reads all pages of a list and joins them in order.
 *
 * When the version of the first page expires before the last page is read, all is read again in one piece, as
 * client-go's `tools/pager` does. Other failures reject at once; so do pages that would never end.
 *
 * @param list - reads one page
 * @param request - what is asked for, without paging
 * @param options - `limit` is the size of a page; left out: all in one; `prepare` makes of the items of a page what is
 * kept of them; left out: the items
 */
export async function listWhole<T>(
  list: (request: ListRequest) => Promise<ListPage<T>>,
  request: ListRequest,
  options: {
    readonly name: string;
    readonly limit: number | undefined;
    readonly prepare?: (items: readonly T[]) => Promise<T[]>;
  },
): Promise<WholeList<T>> {
  const { name, limit, prepare = copyOf } = options;
  const paged = limit === undefined ? {} : { limit };
  const first = await readPage(list, { ...request, ...paged }, name);
  const resourceVersion = first.metadata?.resourceVersion ?? '';
  let token = first.metadata?.continue ?? '';
  const items = await prepare(first.items);
  if (token === '') return { items, resourceVersion, isPaginated: false };

  // The API server refuses a version beside a token: the token implies it.
  const { resourceVersion: _, ...rest } = request;
  const guard = new PageGuard(name);
  guard.note(first.items.length, token);
  while (token !== '') {
    let page: ListPage<T>;
    try {
      page = await readPage(list, { ...rest, ...paged, continue: token }, name);
    } catch (error) {
      if (!isExpired(error)) throw error;
      const whole = await readPage(list, request, name);
      const version = whole.metadata?.resourceVersion ?? '';
      const all = await prepare(whole.items);
      return { items: all, resourceVersion: version, isPaginated: true };
    }
    for (const item of await prepare(page.items)) items.push(item);
    token = page.metadata?.continue ?? '';
    if (token !== '') guard.note(page.items.length, token);
  }
  return { items, resourceVersion, isPaginated: true };
}

async function copyOf<T>(items: readonly T[]): Promise<T[]> {
  return Promise.resolve([...items]);
}

async function readPage<T>(
  list: (request: ListRequest) => Promise<ListPage<T>>,
  request: ListRequest,
  name: string,
): Promise<ListPage<T>> {
  const page = await list(request);
  assertList(page, name);
  return page;
}

/** The size of pages where the reflector pages without being told to. Source: client-go's `tools/pager`. */
const defaultPageSize = 500;

/**
 * How big the pages of a list are.
 *
 * A list at a version can be answered from the server's watch cache, but a limit may send it to etcd instead; so it
 * goes without, unless the server has shown that it pages anyway. At `"0"` the limit costs nothing: a watch cache
 * ignores it, and a server that has none should page. Source: client-go's `tools/cache/reflector.go`.
 */
export function pageLimit(options: {
  readonly resourceVersion: string;
  /** What the user asks for; wins always. */
  readonly pageSize: number | undefined;
  /** Whether the server has paged a list at `"0"`. */
  readonly serverPaginates: boolean;
}): number | undefined {
  if (options.pageSize !== undefined) return options.pageSize;
  const isAtVersion = options.resourceVersion !== '' && options.resourceVersion !== '0';
  return isAtVersion && !options.serverPaginates ? undefined : defaultPageSize;
}
