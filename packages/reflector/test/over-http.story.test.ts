import { defineResource, KubeClient } from '@kubeloop/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Reflector } from '../src/index.ts';
import { ThingServer } from './http-server.ts';
import { ErrorLog, RecordingStore, type Thing } from './scripted.ts';

const things = defineResource<Thing>({
  group: '',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  namespaced: true,
});

interface Story {
  readonly server: ThingServer;
  readonly store: RecordingStore;
  readonly errors: ErrorLog;
  /** Waits until the store holds what the server holds and a watch is open. */
  readonly inStep: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A client and a reflector on a real server, in step at the beginning. */
async function story({ watchList = true }: { readonly watchList?: boolean } = {}): Promise<Story> {
  const server = new ThingServer();
  await server.listen();
  server.put('first');
  const client = new KubeClient({ server: server.url, skipTLSVerify: true });
  const store = new RecordingStore();
  const errors = new ErrorLog();
  const reflector = new Reflector<Thing>({
    listerWatcher: client.resource(things),
    store,
    watchList,
    backoff: { next: () => 5 },
    onError: errors.onError,
  });
  const abort = new AbortController();
  const running = reflector.run({ signal: abort.signal });
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
  };
  onTestFinished(async () => {
    await stop();
    await client.close();
    await server.close();
  });
  const inStep = async (): Promise<void> =>
    vi.waitFor(
      () => {
        expect(server.openWatches).toBe(1);
        expect(Object.fromEntries(store.objects)).toEqual(Object.fromEntries(server.objects));
      },
      { interval: 5, timeout: 5000 },
    );
  await inStep();
  return { server, store, errors, inStep, stop };
}

test('a streaming list goes on as the watch over one connection', async () => {
  const { server, inStep } = await story();

  server.put('second');
  server.remove('first');
  await inStep();

  expect(server.requests).toEqual(['stream from ']);
});

test('sockets destroyed in the middle of a watch cost no list', async () => {
  const { server, errors, inStep } = await story();
  server.put('second');
  await inStep();

  server.destroySockets();
  server.put('third');
  await inStep();

  expect(server.requests).toEqual(['stream from ', 'watch from 102']);
  expect(errors.entries[0]?.context).toMatchObject({ phase: 'watch', action: 'watch' });
});

test('a line cut in the middle costs no list and no object', async () => {
  const { server, inStep } = await story();
  server.put('second');
  await inStep();

  await server.cutLines();
  server.put('third');
  await inStep();

  expect(server.requests).toEqual(['stream from ', 'watch from 102']);
});

test('a watch that the server ends is followed by another from the last version, without a word', async () => {
  const { server, errors, inStep } = await story();
  server.put('second');
  await inStep();

  server.endWatches();
  server.put('third');
  await inStep();

  expect(server.requests).toEqual(['stream from ', 'watch from 102']);
  expect(errors.entries).toEqual([]);
});

test.each([true, false])(
  'a server that was away for a while costs no list (streaming lists: %s)',
  async (watchList) => {
    const { server, errors, inStep } = await story({ watchList });
    server.put('second');
    await inStep();
    const before = server.requests.length;

    await server.close();
    server.put('third');
    await vi.waitFor(() => expect(errors.entries.length).toBeGreaterThan(3));
    await server.listen();
    await inStep();

    expect(server.requests.slice(before)).toEqual(['watch from 102']);
  },
);

test.each([true, false])(
  'a server that comes back without its history is listed again (streaming lists: %s)',
  async (watchList) => {
    const { server, store, inStep } = await story({ watchList });
    server.put('second');
    await inStep();
    const before = server.requests.length;

    await server.close();
    server.remove('first');
    server.put('third');
    server.compact();
    await server.listen();
    await inStep();

    const relist = watchList ? ['stream from 102'] : ['list', 'watch from 105'];
    expect(server.requests.slice(before)).toEqual(['watch from 102', ...relist]);
    expect(store.names).toEqual(['second', 'third']);
  },
);

test('stopping closes the connection', async () => {
  const { server, stop } = await story();

  await stop();

  await vi.waitFor(() => expect(server.openWatches).toBe(0));
});
