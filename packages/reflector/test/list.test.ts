import { describe, expect, test } from 'vitest';
import { listWhole, pageLimit } from '../src/list.ts';
import { harness } from './harness.ts';
import { ApiError, errorEvent, page, thing, type Thing } from './scripted.ts';

const ten: readonly Thing[] = Array.from({ length: 10 }, (_, n) => thing(`t${n}`, `${n}`));
const tenNames: readonly string[] = ten.map(({ metadata }) => metadata.name);

/** A list of ten in pages of four, four and two. */
function threePages(token: string | undefined): ReturnType<typeof page> {
  if (token === 'C2') return page('10', ten.slice(8));
  if (token === 'C1') return page('10', ten.slice(4, 8), 'C2');
  return page('10', ten.slice(0, 4), 'C1');
}

describe('pages', () => {
  test('are joined in order and handed over in one piece', async () => {
    const { server, store, start } = harness({ pageSize: 4 });
    server.onList = (request) => threePages(request.continue);

    await start();

    expect(store.calls).toEqual(['replace 10 at 10']);
    expect(store.names).toEqual(tenNames);
    expect(server.lists.map(({ limit }) => limit)).toEqual([4, 4, 4]);
  });

  test('after the first are asked for without a version', async () => {
    const { server, start } = harness({ pageSize: 4 });
    server.onList = (request) => threePages(request.continue);

    await start();

    expect(server.listVersions).toEqual(['0', '', '']);
  });

  test('of their own size are asked for whatever the version', async () => {
    const { server, clock, start } = harness({ pageSize: 4 });
    await start();

    server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await clock.stepAsync(800);

    expect(server.lists).toMatchObject([
      { resourceVersion: '0', limit: 4 },
      { resourceVersion: '10', limit: 4 },
    ]);
  });

  test('are asked for at "0", which a watch cache ignores, and not at a version', async () => {
    const { server, clock, start } = harness();
    await start();

    server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await clock.stepAsync(800);

    expect(server.listVersions).toEqual(['0', '10']);
    expect(server.lists.map(({ limit }) => limit)).toEqual([500, undefined]);
  });

  test('of 500 are asked for in later lists when the server has paged a list at "0"', async () => {
    const { server, clock, start } = harness();
    server.onList = (request) => threePages(request.continue);
    await start();

    server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await clock.stepAsync(800);

    expect(server.lists[3]).toMatchObject({ resourceVersion: '10', limit: 500 });
  });

  test('of 500 are asked for when the newest version is wanted', () => {
    const limit = pageLimit({ resourceVersion: '', pageSize: undefined, serverPaginates: false });

    expect(limit).toBe(500);
  });

  test('whose token has expired are answered by one list of everything', async () => {
    const { server, store, start } = harness({ pageSize: 4 });
    server.onList = (request) => {
      if (request.continue === 'C2') throw new ApiError(410, 'Expired');
      return request.limit === undefined ? page('12', ten) : threePages(request.continue);
    };

    await start();

    expect(store.calls).toEqual(['replace 10 at 12']);
    expect(server.lists[3]).toMatchObject({ resourceVersion: '0' });
    expect(server.lists[3]).not.toHaveProperty('continue');
    expect(server.lists[3]).not.toHaveProperty('limit');
  });

  test('whose token comes again are refused, since they would never end', async () => {
    const again = page('1', [], 'same');
    const list = (): Promise<typeof again> => Promise.resolve(again);

    await expect(listWhole(list, {}, { name: 'things', limit: 4 })).rejects.toThrow(
      'Cannot list things: the server gave the same continue token twice, so the list would never end',
    );
  });

  test('without an item are refused after a thousand in a row', async () => {
    let asked = 0;
    const list = async (): Promise<ReturnType<typeof page>> => {
      asked += 1;
      return Promise.resolve(page('1', [], `token-${asked}`));
    };

    await expect(listWhole(list, {}, { name: 'things', limit: 4 })).rejects.toThrow(
      'Cannot list things: the server gave 1000 pages in a row without an item, and yet another to read',
    );
    expect(asked).toBe(1000);
  });

  test('without an item may come before and between those with items', async () => {
    let asked = 0;
    const list = async (): Promise<ReturnType<typeof page>> => {
      asked += 1;
      const items = asked % 999 === 0 ? ten.slice(0, 1) : [];
      return Promise.resolve(page('1', items, asked < 2500 ? `token-${asked}` : undefined));
    };

    const { items } = await listWhole(list, {}, { name: 'things', limit: 4 });

    expect(items).toHaveLength(2);
  });

  test('whose token is longer than any server makes are refused', async () => {
    const list = async (): Promise<ReturnType<typeof page>> =>
      Promise.resolve(page('1', [], 't'.repeat(20_000)));

    await expect(listWhole(list, {}, { name: 'things', limit: 4 })).rejects.toThrow(
      'Cannot list things: the server gave a continue token of 20000 characters',
    );
  });

  test('that fail otherwise fail the list, and the store is left as it was', async () => {
    const { server, store, errors, start } = harness({ pageSize: 4 });
    server.onList = (request) => {
      if (request.continue === 'C2') throw new ApiError(500, 'InternalError');
      return threePages(request.continue);
    };

    await start();

    expect(store.calls).toEqual([]);
    expect(errors.lines).toEqual(['list: retry in 800 ms from any version']);
  });
});

describe('versions', () => {
  test('of lists are "0" first and then the last that was seen', async () => {
    const { server, clock, start } = harness();
    await start();

    server.lastWatch.send(errorEvent(new ApiError(410, 'Gone')));
    await clock.stepAsync(800);

    expect(server.listVersions).toEqual(['0', '10']);
  });

  test('that have expired are answered at once by a list of the newest, and then all is as before', async () => {
    const { server, clock, start } = harness();
    server.onList = (request, index) => {
      if (request.resourceVersion === '10' && index === 1) throw new ApiError(410, 'Expired');
      return page(request.resourceVersion === undefined ? '11' : '10');
    };
    await start();

    server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await clock.stepAsync(800);
    server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await clock.stepAsync(1600);

    expect(server.listVersions).toEqual(['0', '10', '', '11']);
  });

  test('that stay lost because the newest list failed too are not asked for again', async () => {
    const { server, clock, start } = harness();
    server.onList = (_, index) => {
      if (index === 1) throw new ApiError(410, 'Expired');
      if (index === 2) throw new ApiError(500, 'InternalError');
      return page('10');
    };
    await start();

    server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
    await clock.stepAsync(800);
    await clock.stepAsync(1600);

    expect(server.listVersions).toEqual(['0', '10', '', '']);
  });

  test('that the server has not got to are answered by the newest at once, in all three dialects', async () => {
    const { server, clock, start } = harness();
    const reasonOfCause = new ApiError(504, 'Timeout', {
      message: 'too large resource version',
      details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
    });
    const messageOfCause = new ApiError(504, 'Timeout', {
      details: { causes: [{ message: 'Too large resource version' }] },
    });
    const message = new ApiError(504, 'Timeout', { message: 'Too large resource version: 40' });
    const dialects = new Map([
      ['20', reasonOfCause],
      ['30', messageOfCause],
      ['40', message],
    ]);
    let newest = 20;
    server.onList = ({ resourceVersion = '' }) => {
      const refusal = dialects.get(resourceVersion);
      if (refusal) throw refusal;
      if (resourceVersion === '') newest += 10;
      return page(`${newest}`);
    };

    await start();
    for (const delayMs of [800, 1600, 3200]) {
      server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
      await clock.stepAsync(delayMs);
    }

    expect(server.listVersions).toEqual(['0', '20', '', '30', '', '40', '']);
  });

  test('of another timeout are no reason to ask for the newest', async () => {
    const { server, start } = harness();
    server.onList = () => {
      throw new ApiError(504, 'Timeout', { message: 'etcd is slow' });
    };

    await start();

    expect(server.listVersions).toEqual(['0']);
  });
});
