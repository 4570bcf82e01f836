import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ApiStatusError } from '../src/api-status-error.ts';
import type { WatchEvent, WatchOptions } from '../src/api.ts';
import type { KubeClientOptions } from '../src/client-options.ts';
import { ConnectionError } from '../src/connection-error.ts';
import { KubeClient } from '../src/kube-client.ts';
import { pods } from '../src/resources-core.ts';
import { keepAliveMs } from '../src/transport.ts';
import { WatchIdleError } from '../src/watch-idle-error.ts';
import { NotingClock } from '../testing/noting-clock.ts';
import {
  answerStatus,
  beginWatch,
  offersHttp2,
  startServer,
  type ScriptedServer,
} from '../testing/scripted-server.ts';

interface Watching extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly client: KubeClient;
  readonly watch: AsyncIterator<WatchEvent<object>>;
  /** The server's side of the watch that was opened last. */
  response(): ServerResponse;
}

/** A watch whose server has begun to answer and sent one event, which was taken. */
async function startWatch(
  options: WatchOptions = {},
  more: Partial<KubeClientOptions> = {},
): Promise<Watching> {
  let last: ServerResponse | undefined;
  const server = await startServer((_, response) => {
    last = response;
    beginWatch(response);
    response.write('{"type":"ADDED","object":{"metadata":{"name":"first"}}}\n');
  });
  const client = new KubeClient({ server: server.url, skipTLSVerify: true, ...more });
  const watch = client.resource(pods).watch(options)[Symbol.asyncIterator]();
  await watch.next();
  return {
    server,
    client,
    watch,
    response: () => {
      if (!last) throw new Error('No request has come');
      return last;
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const failure = (thrown: unknown): unknown => thrown;

/** As the reflector reads a watch. */
function batchesOf(watch: AsyncIterable<unknown>): { nextBatch(): Promise<unknown> } {
  // The client's own iterators have it.
  return watch[Symbol.asyncIterator]() as never;
}

describe('watch', () => {
  test('events come in order and the iteration ends when the server ends the answer', async () => {
    await using server = await startServer((_, response) => {
      beginWatch(response);
      response.write('{"type":"ADDED","object":{"n":1}}\n{"type":"MODI');
      response.write('FIED","object":{"n":2}}\n');
      response.end('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"3"}}}\n');
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    const events = await collect(client.resource(pods).watch());

    expect(events).toEqual([
      { type: 'ADDED', object: { n: 1 } },
      { type: 'MODIFIED', object: { n: 2 } },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '3' } } },
    ]);
  });

  test('overlapping calls of next get the events in order, each one once', async () => {
    await using server = await startServer((_, response) => {
      beginWatch(response);
      response.end([1, 2, 3].map((n) => `{"type":"ADDED","object":{"n":${n}}}\n`).join(''));
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const watch = client.resource(pods).watch()[Symbol.asyncIterator]();

    const results = await Promise.all([1, 2, 3, 4, 5].map(async () => watch.next()));

    const seen = results.map(
      ({ value }) => (value as { object: { n: number } } | undefined)?.object.n,
    );
    expect(seen).toEqual([1, 2, 3, undefined, undefined]);
    expect(results.map(({ done }) => done)).toEqual([false, false, false, true, true]);
  });

  test('events that came together can be had together, and those before a broken one are not lost', async () => {
    await using server = await startServer((_, response) => {
      beginWatch(response);
      response.end('{"type":"ADDED","object":{"n":1}}\n{"type":"ADDED","object":{"n":2}}\nodd\n');
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const watch = batchesOf(client.resource(pods).watch());

    const batch = await watch.nextBatch();

    expect(batch).toEqual([1, 2].map((n) => ({ type: 'ADDED', object: { n } })));
    await expect(watch.nextBatch()).rejects.toThrow('a line that is no event: "odd"');
  });

  test('after an abort nothing is handed out that has been read before', async () => {
    const controller = new AbortController();
    await using server = await startServer((_, response) => {
      beginWatch(response);
      response.write('{"type":"ADDED","object":{"n":1}}\n{"type":"ADDED","object":{"n":2}}\n');
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const { signal } = controller;
    const watch = client.resource(pods).watch({ signal })[Symbol.asyncIterator]();
    await watch.next();

    controller.abort(new Error('enough'));

    await expect(watch.next()).rejects.toThrow('enough');
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });

  test('after the client was closed nothing is handed out that has been read before', async () => {
    await using server = await startServer((_, response) => {
      beginWatch(response);
      response.write('{"type":"ADDED","object":{"n":1}}\n{"type":"ADDED","object":{"n":2}}\n');
    });
    const client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const watch = client.resource(pods).watch()[Symbol.asyncIterator]();
    await watch.next();

    await client.close();

    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });

  test('all options reach the server and empty ones do not', async () => {
    await using server = await startServer((_, response) => {
      beginWatch(response);
      response.end();
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    await collect(
      client.resource(pods).namespace('a b').watch({
        labelSelector: 'app in (a,b)',
        fieldSelector: '',
        resourceVersion: '5',
        resourceVersionMatch: 'NotOlderThan',
        allowWatchBookmarks: true,
        sendInitialEvents: true,
        timeoutSeconds: 300,
      }),
    );

    const url = new URL(server.requests[0]?.url ?? '', server.url);
    expect(url.pathname).toBe('/api/v1/namespaces/a%20b/pods');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      labelSelector: 'app in (a,b)',
      resourceVersion: '5',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
      sendInitialEvents: 'true',
      timeoutSeconds: '300',
      watch: 'true',
    });
  });

  test('nothing is sent before the first event is asked for', async () => {
    await using server = await startServer(() => {});
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    client.resource(pods).watch()[Symbol.asyncIterator]();

    expect(server.accepted).toBe(0);
  });

  test('a server that refuses makes the first next reject', async () => {
    await using server = await startServer((_, response) =>
      answerStatus(response, { code: 403, reason: 'Forbidden', message: 'not you' }),
    );
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    const error = await client.resource(pods).watch()[Symbol.asyncIterator]().next().catch(failure);

    expect(ApiStatusError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: 403,
      message: 'Cannot watch pods: not you (403 Forbidden)',
    });
  });

  test('an ERROR event is handed out as it came', async () => {
    await using watching = await startWatch();
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    watching.response().write(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);

    expect(await watching.watch.next()).toEqual({
      done: false,
      value: { type: 'ERROR', object: status },
    });
  });

  test('a socket that breaks makes next reject with a connection error and its code', async () => {
    await using watching = await startWatch();
    const next = watching.watch.next().catch(failure);
    watching.response().socket?.destroy();

    const error = await next;

    expect(ConnectionError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'ECONNRESET', server: watching.server.url });
  });

  // Sockets with TLS cannot be reset.
  test.each(offersHttp2 ? (['destroy'] as const) : (['destroy', 'resetAndDestroy'] as const))(
    'a socket that breaks (%s) although the server would have closed it anyway is a broken connection',
    async (breakIt) => {
      await using server = await startServer((_, response) => {
        response.setHeader('connection', 'close');
        beginWatch(response);
        response.write('{"type":"ADDED","object":{}}\n');
      });
      const client = new KubeClient({ server: server.url, skipTLSVerify: true });
      const watch = client.resource(pods).watch()[Symbol.asyncIterator]();
      await watch.next();
      server.requests[0]?.socket[breakIt]();

      const error = await watch.next().catch(failure);

      expect(ConnectionError.is(error)).toBe(true);
      expect(error).toMatchObject({ code: 'ECONNRESET' });
      await client.close();
    },
  );

  test('an answer that ends in the middle of a line is a broken connection', async () => {
    await using watching = await startWatch();
    watching.response().end('{"type":"ADDED","obj');

    const error = await watching.watch.next().catch(failure);

    expect(ConnectionError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  test('a last line without a newline counts when it is whole', async () => {
    await using watching = await startWatch();
    watching.response().end('{"type":"DELETED","object":{}}');

    expect(await watching.watch.next()).toMatchObject({ value: { type: 'DELETED' } });
  });

  test.each(['nonsense', '[]', '{"type":"ADDED"}', '{"object":{}}', '{"type":"ADDED","object":1}'])(
    'the line %j is no event, which is said with the line itself',
    async (line) => {
      await using watching = await startWatch();
      watching.response().write(`${line}\n`);

      await expect(watching.watch.next()).rejects.toThrow(
        `Cannot watch pods: server ${watching.server.url} sent a line that is no event: ${JSON.stringify(line)}`,
      );
      await watching.server.drained();
    },
  );

  test('a line longer than the limit ends the watch with an error that names the option', async () => {
    await using watching = await startWatch({}, { maxObjectBytes: 1000 });
    watching.response().write('x'.repeat(1001));

    await expect(watching.watch.next()).rejects.toThrow('(option "maxObjectBytes")');
    await watching.server.drained();
  });

  test('leaving the loop closes the connection', async () => {
    await using watching = await startWatch();

    for await (const _ of watching.client.resource(pods).watch()) break;
    await watching.watch.return?.();

    await watching.server.drained();
    expect(watching.server.open).toBe(0);
  });

  test('return ends a next that is waiting', async () => {
    await using watching = await startWatch();
    const next = watching.watch.next();

    await watching.watch.return?.();

    expect(await next).toEqual({ done: true, value: undefined });
    await watching.server.drained();
  });

  test('an abort rejects with the reason of the signal and closes the connection', async () => {
    const controller = new AbortController();
    await using watching = await startWatch({ signal: controller.signal });
    const reason = new Error('enough');
    const next = watching.watch.next().catch(failure);

    controller.abort(reason);

    expect(await next).toBe(reason);
    await watching.server.drained();
  });

  test('a signal that is aborted already sends nothing', async () => {
    await using server = await startServer(() => {});
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const watch = client.resource(pods).watch({ signal: AbortSignal.abort(new Error('no')) });

    await expect(watch[Symbol.asyncIterator]().next()).rejects.toThrow('no');
    expect(server.accepted).toBe(0);
  });

  test('a consumer that does not ask for events stops the server from sending', async () => {
    await using watching = await startWatch();
    const line = `{"type":"ADDED","object":{"x":"${'y'.repeat(100_000)}"}}\n`;
    const response = watching.response();
    let written = 0;
    while (response.write(line)) written += 1;
    // A megabyte beyond what the sockets hold would be taken at once by a client that reads ahead.
    for (let i = 0; i < 300; i += 1) response.write(line);

    for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));

    expect(response.writableLength).toBeGreaterThan(10 * line.length);
    for (let i = 0; i < 300 + written; i += 1) await watching.watch.next();
    expect(await watching.watch.next()).toMatchObject({ value: { type: 'ADDED' } });
  });
});

describe('the idle timeout of a watch', () => {
  test('a server that is silent for that long ends the watch with an error that says so', async () => {
    const clock = new FakeClock();
    await using watching = await startWatch({ idleTimeoutMs: 30_000 }, { clock });
    const next = watching.watch.next().catch(failure);

    await clock.stepAsync(30_000);

    const error = await next;
    expect(WatchIdleError.is(error)).toBe(true);
    expect((error as Error).message).toBe(
      'Cannot go on to watch pods: the server sent nothing for 30000 ms',
    );
    await watching.server.drained();
    await watching.client.close();
    expect(clock.pending).toBe(0);
  });

  test('each byte that comes begins the time anew', async () => {
    const clock = new FakeClock();
    await using watching = await startWatch({ idleTimeoutMs: 30_000 }, { clock });
    const next = watching.watch.next();
    await clock.stepAsync(29_000);
    watching.response().write('{"type":"ADDED","object":{}}\n');
    await next;
    let isOver = false;
    const second = watching.watch.next().catch(() => (isOver = true));

    await clock.stepAsync(29_999);
    expect(isOver).toBe(false);
    await clock.stepAsync(1);

    await second;
    expect(isOver).toBe(true);
  });

  test('time that the consumer takes for itself does not count', async () => {
    const clock = new FakeClock();
    await using watching = await startWatch({ idleTimeoutMs: 30_000 }, { clock });

    await clock.stepAsync(90_000);
    const next = watching.watch.next();
    watching.response().write('{"type":"ADDED","object":{}}\n');

    expect(await next).toMatchObject({ value: { type: 'ADDED' } });
  });

  test('a server that accepts the connection and never answers is silent too', async () => {
    const clock = new FakeClock();
    let arrived = (): void => {};
    const isThere = new Promise<void>((resolve) => (arrived = resolve));
    await using server = await startServer(() => arrived());
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true, clock });
    const watch = client.resource(pods).watch({ idleTimeoutMs: 1000 });
    const next = watch[Symbol.asyncIterator]().next().catch(failure);
    await isThere;

    await clock.stepAsync(1000);

    expect(WatchIdleError.is(await next)).toBe(true);
  });

  test('time for which the server asked to be left alone does not count', async () => {
    const clock = new NotingClock();
    let isBusy = true;
    await using server = await startServer((_, response) => {
      if (isBusy) {
        isBusy = false;
        return answerStatus(response, { code: 429 }, { 'retry-after': '120' });
      }
      beginWatch(response);
      response.write('{"type":"ADDED","object":{}}\n');
      return undefined;
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true, clock });
    const watch = client.resource(pods).watch({ idleTimeoutMs: 1000 });
    const next = watch[Symbol.asyncIterator]().next().catch(failure);
    await clock.whenSet(120_000);

    await clock.stepAsync(120_000);

    expect(await next).toMatchObject({ value: { type: 'ADDED' } });
  });

  test('a page that is no watch and never ends is silent too', async () => {
    const clock = new FakeClock();
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).write('<html>');
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true, clock });
    const watch = client.resource(pods).watch({ idleTimeoutMs: 1000 });
    const next = watch[Symbol.asyncIterator]().next().catch(failure);
    await expect.poll(() => server.requests.length).toBe(1);

    await clock.stepAsync(1000);

    expect(WatchIdleError.is(await next)).toBe(true);
  });

  test('after the end of a watch no timer is left', async () => {
    const clock = new NotingClock();
    await using watching = await startWatch({ idleTimeoutMs: 1000 }, { clock });
    const next = watching.watch.next();
    expect(clock.delays).toContain(1000);
    watching.response().end();

    await next;

    // The connection, which waits for another call, goes with the client.
    await clock.settle();
    expect(clock.delays).toEqual([keepAliveMs]);
    await watching.client.close();
    expect(clock.pending).toBe(0);
  });
});
