import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { defineResource } from '../src/registry/definition.ts';
import { expired } from '../src/status.ts';
import { Watcher } from '../src/watch/watcher.ts';

const pods = defineResource({
  group: '',
  version: 'v1',
  plural: 'pods',
  kind: 'Pod',
  namespaced: true,
});

/** What a client reads of a watch that `use` writes and ends in one turn. */
async function streamOf(use: (watcher: Watcher) => void): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200);
    response.flushHeaders();
    const selection = { resource: pods, namespace: undefined, matches: [] };
    use(
      new Watcher({
        // Only its resource is looked at, since no change is offered.
        selection: selection as unknown as Watcher['selection'],
        response,
        wantsBookmarks: true,
        after: 5,
        maxBufferedBytes: 1000,
        onEnd: () => {},
      }),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await new Promise((resolve) => void server.close(resolve));
  });
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  return (await fetch(`http://127.0.0.1:${port}`)).text();
}

test('lines that are written in the turn in which the watch ends arrive', async () => {
  const text = await streamOf((watcher) => {
    watcher.write('one\n');
    watcher.write('two\n');
    watcher.end();
  });

  expect(text).toBe('one\ntwo\n');
});

test('a failure arrives before the end', async () => {
  const text = await streamOf((watcher) => watcher.fail(expired('too old')));

  expect(JSON.parse(text)).toMatchObject({ type: 'ERROR', object: { code: 410 } });
});

test('what is written after the end is dropped', async () => {
  const text = await streamOf((watcher) => {
    watcher.end();
    watcher.write('late\n');
  });

  expect(text).toBe('');
});

test('a bookmark never goes back behind the version that the client has', async () => {
  const text = await streamOf((watcher) => {
    watcher.bookmark(4);
    watcher.bookmark(5);
    watcher.end();
  });

  expect(JSON.parse(text)).toMatchObject({ object: { metadata: { resourceVersion: '5' } } });
});
