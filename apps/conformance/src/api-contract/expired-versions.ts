import { describe, expect, test } from 'vitest';

import { namesOf } from '../answer.ts';
import { configMap, failure } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';

/** A server that can be made to forget all but the present. */
export interface ForgetfulTarget {
  /** The server. */
  readonly api: ApiTarget;
  /** Makes every version before the present one too old. */
  forget(): Promise<void>;
}

/** What is too old: 410. It needs a server of its own, since it forgets for everybody. */
export function expiredVersionsContract(target: () => ForgetfulTarget): void {
  describe('versions that are too old', () => {
    test('a watch is answered with 200 and one ERROR event of code 410, and ends', async () => {
      const { api } = target();
      await using space = await Space.create(api);
      const old = (await api.get(space.configMaps)).list.metadata.resourceVersion;
      for (const name of ['a', 'b', 'c']) await api.post(space.configMaps, configMap(name));

      await target().forget();
      await using watch = await api.watch(
        `${space.configMaps}?watch=true&resourceVersion=${old}&allowWatchBookmarks=true`,
      );
      const events = await watch.rest();

      expect(watch.code).toBe(200);
      expect(events).toMatchObject([
        { type: 'ERROR', object: { kind: 'Status', status: 'Failure', code: 410 } },
      ]);
      expect(events[0]?.object).toMatchObject({
        reason: expect.stringMatching(/^(Expired|Gone)$/),
      });
    });

    test('a list at that exact version is expired', async () => {
      const { api } = target();
      await using space = await Space.create(api);
      const old = (await api.get(space.configMaps)).list.metadata.resourceVersion;
      for (const name of ['a', 'b', 'c']) await api.post(space.configMaps, configMap(name));

      await target().forget();
      const query = `resourceVersion=${old}&resourceVersionMatch=Exact`;
      const { code, body } = await api.get(`${space.configMaps}?${query}`);

      expect(code).toBe(410);
      expect(body).toMatchObject(failure(410, 'Expired'));
    });

    test('an expired continue token is answered with a token that goes on, inconsistently', async () => {
      const { api } = target();
      await using space = await Space.create(api);
      for (const name of ['a', 'b', 'c']) await api.post(space.configMaps, configMap(name));
      const first = (await api.get(`${space.configMaps}?limit=1`)).list;
      for (const name of ['d', 'e']) await api.post(space.configMaps, configMap(name));

      await target().forget();
      const token = encodeURIComponent(first.metadata.continue ?? '');
      const { code, body } = await api.get(`${space.configMaps}?limit=1&continue=${token}`);

      expect(code).toBe(410);
      expect(body).toMatchObject({
        kind: 'Status',
        reason: 'Expired',
        code: 410,
        metadata: { continue: expect.stringMatching(/./) },
      });
      // It was just seen to have one.
      const next = (body as { readonly metadata: { readonly continue: string } }).metadata.continue;
      const path = `${space.configMaps}?limit=9&continue=${encodeURIComponent(next)}`;
      const rest = (await api.get(path)).list;
      expect(namesOf(rest).filter((name) => name.length === 1)).toEqual(['b', 'c', 'd', 'e']);
    });

    test('a watch from the present goes on', async () => {
      const { api } = target();
      await using space = await Space.create(api);
      await target().forget();
      const { resourceVersion } = (await api.get(space.configMaps)).list.metadata;

      await using watch = await api.watch(
        `${space.configMaps}?watch=true&resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3Da`,
      );
      await api.post(space.configMaps, configMap('a'));

      expect(await watch.take(1)).toMatchObject([{ type: 'ADDED' }]);
    });
  });
}
