import type { ObjectLike } from '@kubeloop/cache-store';
import { isExpired, isTooLargeResourceVersion } from './api-errors.ts';
import { listWhole, pageLimit, type WholeList } from './list.ts';
import type { ListPage, ListRequest } from './lister-watcher.ts';
import type { ListReason } from './metrics.ts';
import type { Session } from './session.ts';

/** Fills the store by lists, and remembers what it learns about the server's paging. */
export class PagedLister<T extends ObjectLike> {
  /** The server paged a list at `"0"`, so it has no watch cache, and unpaged lists would only hurt it. */
  #serverPaginates = false;

  /**
   * Lists everything and hands it to the store in one piece. A version that the server has lost, or has not got to
   * yet, is answered at once by a list of the newest version.
   */
  async run(session: Session<T>, reason: ListReason): Promise<void> {
    const { clock, versions, writer } = session.settings;
    const startedAtMs = clock.now();
    const resourceVersion = versions.forList;
    const limit = pageLimit({
      resourceVersion,
      pageSize: session.settings.pageSize,
      serverPaginates: this.#serverPaginates,
    });
    let whole: WholeList<T>;
    try {
      whole = await this.#list(session, resourceVersion, limit);
    } catch (error) {
      if (!isExpired(error) && !isTooLargeResourceVersion(error)) throw error;
      versions.isUnavailable = true;
      session.report(error, 'list', 'list', { resourceVersion: '' });
      whole = await this.#list(session, versions.forList, limit);
    }
    if (resourceVersion === '0' && whole.isPaginated) this.#serverPaginates = true;
    versions.isUnavailable = false;
    await writer.replace(whole.items, whole.resourceVersion);
    versions.last = whole.resourceVersion;
    const durationMs = clock.now() - startedAtMs;
    const items = whole.items.length;
    session.measure((metrics) => metrics.listed?.({ reason, mode: 'paged', items, durationMs }));
  }

  async #list(
    session: Session<T>,
    resourceVersion: string,
    limit: number | undefined,
  ): Promise<WholeList<T>> {
    const { name, selectors, writer } = session.settings;
    const version = resourceVersion === '' ? {} : { resourceVersion };
    const readPage = async (request: ListRequest): Promise<ListPage<T>> => session.list(request);
    const prepare = async (items: readonly T[]): Promise<T[]> => writer.prepareAll(items);
    return listWhole(readPage, { ...selectors, ...version }, { name, limit, prepare });
  }
}
