import {
  configMaps,
  defineResource,
  isInvalid,
  isUnknownResource,
  type WatchEvent,
} from '@kubeloop/client';
import { describe, expect, test } from 'vitest';

import { Space } from '../space.ts';
import { collect, configMapNamed, rejection, type ClientTarget } from './client-target.ts';

/** Bookmarks come in the last seconds of a watch of 6 s. */
const slow = { timeout: 15_000 };

const labels = { ours: 'yes' };

interface Named {
  readonly metadata?: { readonly name?: string | undefined };
}

function shortly(event: WatchEvent<Named>): string {
  if (event.type === 'ERROR') return `ERROR ${event.object.code}`;
  if (event.type === 'BOOKMARK') return 'BOOKMARK';
  return `${event.type} ${event.object.metadata?.name}`;
}

async function take(watch: AsyncIterable<WatchEvent<Named>>, count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of watch) {
    seen.push(shortly(event));
    if (seen.length === count) break;
  }
  return seen;
}

/** Watches through the client. */
export function watchingContract(target: () => ClientTarget): void {
  describe('a client watches', () => {
    test('every change after the version of a list', async () => {
      await using space = await Space.create(target().api);
      const client = target().client.resource(configMaps).namespace(space.name);
      const { resourceVersion } = (await client.list()).metadata;
      await client.create(configMapNamed('a', {}, { labels }));
      await client.patch('a', { data: { x: '1' } }, { type: 'merge' });
      await client.delete('a');

      const seen = await take(client.watch({ resourceVersion, labelSelector: 'ours' }), 3);

      expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    });

    test('with bookmarks, until the server ends it and the iteration with it', slow, async () => {
      await using space = await Space.create(target().api);
      const client = target().client.resource(configMaps).namespace(space.name);
      const { resourceVersion } = (await client.list()).metadata;
      const watch = client.watch({
        resourceVersion,
        labelSelector: 'ours',
        allowWatchBookmarks: true,
        timeoutSeconds: 6,
      });
      await client.create(configMapNamed('a', {}, { labels }));

      const events = await collect(watch);

      expect(shortly(events[0] ?? { type: 'ERROR', object: {} })).toBe('ADDED a');
      expect(events.at(-1)).toMatchObject({
        type: 'BOOKMARK',
        object: { metadata: { resourceVersion: expect.stringMatching(/^[1-9]\d*$/) } },
      });
    });

    test('what exists first, up to the marked bookmark, when it asks for initial events', async () => {
      await using space = await Space.create(target().api);
      const client = target().client.resource(configMaps).namespace(space.name);
      for (const name of ['a', 'b']) await client.create(configMapNamed(name, {}, { labels }));
      const watch = client.watch({
        labelSelector: 'ours',
        sendInitialEvents: true,
        allowWatchBookmarks: true,
        resourceVersionMatch: 'NotOlderThan',
      });

      const events: WatchEvent<Named>[] = [];
      for await (const event of watch) {
        events.push(event);
        if (event.type === 'BOOKMARK') break;
      }

      expect(events.map(shortly).sort()).toEqual(['ADDED a', 'ADDED b', 'BOOKMARK']);
      expect(events.at(-1)).toMatchObject({
        object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
      });
    });

    test('until its signal aborts, and rejects with the reason', async () => {
      await using space = await Space.create(target().api);
      const client = target().client.resource(configMaps).namespace(space.name);
      await client.create(configMapNamed('a', {}, { labels }));
      const controller = new AbortController();
      const watch = client.watch({ labelSelector: 'ours', signal: controller.signal });
      const iterator = watch[Symbol.asyncIterator]();
      await iterator.next();

      const next = rejection(iterator.next());
      controller.abort(new Error('enough'));

      expect(await next).toEqual(new Error('enough'));
    });

    test('nothing when the server refuses: the first event rejects', async () => {
      await using space = await Space.create(target().api);
      const client = target().client.resource(configMaps).namespace(space.name);

      const error = await rejection(take(client.watch({ sendInitialEvents: true }), 1));

      expect(isInvalid(error)).toBe(true);
    });

    test('nothing when the server does not know the resource', async () => {
      const unknown = defineResource<Named>({
        group: 'unknown.example.com',
        version: 'v1',
        plural: 'things',
        kind: 'Thing',
        namespaced: true,
      });

      const error = await rejection(take(target().client.resource(unknown).watch(), 1));

      expect(isUnknownResource(error)).toBe(true);
    });
  });
}
