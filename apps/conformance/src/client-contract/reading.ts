import { configMaps, isBadRequest, isTimeout, ApiStatusError } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';

import { Space } from '../space.ts';
import { collect, configMapNamed, rejection, type ClientTarget } from './client-target.ts';

const labels = { ours: 'yes' };

async function fill(target: ClientTarget, space: Space): Promise<void> {
  const client = target.client.resource(configMaps).namespace(space.name);
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    await client.create(configMapNamed(name, {}, { labels }));
}

function nameOf(object: { readonly metadata?: { readonly name?: string | undefined } }): string {
  return object.metadata?.name ?? '';
}

/** Lists, pages and single objects through the client. */
export function readingContract(target: () => ClientTarget): void {
  describe('a client reads', () => {
    test('a list, whose items have the kind and apiVersion that the server leaves out', async () => {
      await using space = await Space.create(target().api);
      await fill(target(), space);

      const list = await target()
        .client.resource(configMaps)
        .namespace(space.name)
        .list({ labelSelector: 'ours' });

      expect(list.metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
      expect(list.items.map(nameOf)).toEqual(['a', 'b', 'c', 'd', 'e']);
      for (const item of list.items)
        expect(item).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
    });

    test('page by page, with the token of the page before', async () => {
      await using space = await Space.create(target().api);
      await fill(target(), space);
      const client = target().client.resource(configMaps).namespace(space.name);

      const first = await client.list({ limit: 3, labelSelector: 'ours' });
      const second = await client.list({
        limit: 3,
        labelSelector: 'ours',
        continue: first.metadata.continue ?? 'none',
      });

      expect(first.items.map(nameOf)).toEqual(['a', 'b', 'c']);
      expect(second.items.map(nameOf)).toEqual(['d', 'e']);
      expect(second.metadata.continue).toBeUndefined();
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    test('everything, each object once, whatever the size of the pages', async () => {
      await using space = await Space.create(target().api);
      await fill(target(), space);
      const client = target().client.resource(configMaps).namespace(space.name);

      const all = await collect(client.listAll({ limit: 2, labelSelector: 'ours' }));

      expect(all.map(nameOf)).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    test('a list so long that the server compresses it, without a change', async () => {
      await using space = await Space.create(target().api);
      const client = target().client.resource(configMaps).namespace(space.name);
      const data = { text: 'ü"\\\n'.repeat(30_000) };
      for (const name of ['a', 'b']) await client.create(configMapNamed(name, data, { labels }));

      const list = await client.list({ labelSelector: 'ours' });

      expect(list.items.map((item) => item.data?.['text'] === data.text)).toEqual([true, true]);
    });

    test('one object, as it was created', async () => {
      await using space = await Space.create(target().api);
      const client = target().client.resource(configMaps).namespace(space.name);
      const created = await client.create(configMapNamed('a', { x: '1' }));

      expect(await client.get('a')).toEqual(created);
    });

    test('any path, as JSON or as text', async () => {
      const version = await target().client.request('/version');
      const ready = await target().client.request('/readyz');

      expect(version).toMatchObject({ major: '1' });
      expect(ready).toBe('ok');
    });

    test('nothing at a version of the future, and learns how long to wait', async () => {
      await using space = await Space.create(target().api);
      const client = target().client.resource(configMaps).namespace(space.name);

      const error = await rejection(
        client.list({
          resourceVersion: '999999999',
          resourceVersionMatch: 'NotOlderThan',
          maxRetries: 0,
        }),
      );

      expect(isTimeout(error)).toBe(true);
      expect(ApiStatusError.is(error) && error.retryAfterMs).toBe(1000);
    });

    test('nothing with a continue token that makes no sense', async () => {
      await using space = await Space.create(target().api);
      const client = target().client.resource(configMaps).namespace(space.name);

      const error = await rejection(client.list({ continue: 'abc' }));

      expect(isBadRequest(error)).toBe(true);
    });
  });
}
