import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { listWhole } from '../src/list.ts';
import type { ListPage, ListRequest } from '../src/lister-watcher.ts';
import { ApiError, page, thing, type Thing } from './scripted.ts';

/** How a page is answered the first time it is asked for. */
const fates = fc.constantFrom('page', 'page', 'page', 'expired', 'gone');

/** What a plain reading of the contract gives: the names listed and how many requests it takes, or how it fails. */
function model(pages: readonly (readonly Thing[])[], fate: readonly string[]): object {
  const all = pages.flat().map(({ metadata }) => metadata.name);
  const at = pages.findIndex((_, index) => fate[index] !== 'page');
  if (at === -1) return { names: all, version: '7', requests: pages.length };
  // The first page has no token that could expire; its failure is the list's.
  if (fate[at] === 'gone' || at === 0) return { fails: at + 1 };
  return { names: all, version: '9', requests: at + 2 };
}

test('pages of any sizes, with a failure at any of them, become what a plain reading of them becomes', async () => {
  const sizes = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.array(fates, { minLength: 8, maxLength: 8 }),
      async (counts, fate) => {
        let next = 0;
        const pages = counts.map((count) =>
          Array.from({ length: count }, () => thing(`t${(next += 1)}`, '7')),
        );
        let requests = 0;
        const list = async (request: ListRequest): Promise<ListPage<Thing>> => {
          requests += 1;
          if (request.limit === undefined) return page('9', pages.flat());
          const index = Number(request.continue ?? 0);
          if (fate[index] === 'expired') throw new ApiError(410, 'Expired');
          if (fate[index] === 'gone') throw new ApiError(500, 'InternalError');
          const token = index + 1 < pages.length ? String(index + 1) : undefined;
          return page('7', pages[index], token);
        };

        const outcome = await listWhole(list, {}, { name: 'things', limit: 3 }).then(
          ({ items, resourceVersion }) => ({
            names: items.map(({ metadata }) => metadata.name),
            version: resourceVersion,
            requests,
          }),
          () => ({ fails: requests }),
        );

        expect(outcome).toEqual(model(pages, fate));
      },
    ),
    { numRuns: 300 },
  );
});
