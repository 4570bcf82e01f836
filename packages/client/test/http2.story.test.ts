import { constants, type ServerHttp2Stream } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeClientOptions } from '../src/client-options.ts';
import { KubeClient } from '../src/kube-client.ts';
import { pods } from '../src/resources-core.ts';
import { makeAuthority, type Authority, type Pair } from '../testing/certificates.ts';
import {
  respondJson,
  respondWatch,
  startHttp2Server,
  type Http2Script,
  type Http2Server,
} from '../testing/http2-server.ts';

let authority: Authority;
let pair: Pair;

beforeAll(() => {
  authority = makeAuthority();
  pair = authority.issue('server');
});

afterAll(() => authority[Symbol.dispose]());

function clientOf(server: Http2Server, options: Partial<KubeClientOptions> = {}): KubeClient {
  return new KubeClient({
    server: server.url,
    ca: authority.ca,
    http2: true,
    maxRetries: 0,
    ...options,
  });
}

const answerOk: Http2Script = (stream) => respondJson(stream, { ok: true });
const event = '{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n';

/** Opens a watch up to its first event. */
async function openWatch(
  client: KubeClient,
): Promise<AsyncIterator<unknown> & AsyncIterable<unknown>> {
  const watch = client.resource(pods).watch({ idleTimeoutMs: 0 });
  await watch[Symbol.asyncIterator]().next();
  return watch[Symbol.asyncIterator]() as AsyncIterator<unknown> & AsyncIterable<unknown>;
}

const watchOrOk: Http2Script = (stream, headers) => {
  if (!String(headers[':path']).includes('watch=true')) return answerOk(stream, headers);
  respondWatch(stream);
  stream.write(event);
};

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => Promise.reject(new Error('It resolved')),
    (error: unknown) => error,
  );
}

describe('connections', () => {
  test('fifty watches and the calls beside them share one connection', async () => {
    await using server = await startHttp2Server(watchOrOk, pair);
    await using client = clientOf(server);

    await Promise.all(Array.from({ length: 50 }, () => openWatch(client)));
    await Promise.all(Array.from({ length: 40 }, () => client.request('/x')));

    expect(server.sessions).toHaveLength(1);
  });

  test('another connection is opened when the server takes no more streams on one', async () => {
    const settings = { maxConcurrentStreams: 10 };
    await using server = await startHttp2Server(watchOrOk, { ...pair, settings });
    await using client = clientOf(server);
    await client.request('/x');

    await Promise.all(Array.from({ length: 25 }, () => openWatch(client)));
    await client.request('/x');

    expect(server.sessions).toHaveLength(3);
  });

  test('a request with a body arrives whole, with its headers and without those of HTTP/1.1', async () => {
    const script: Http2Script = (stream, headers) => {
      let body = '';
      stream.setEncoding('utf8').on('data', (text: string) => (body += text));
      stream.on('end', () => respondJson(stream, { body, headers }));
    };
    await using server = await startHttp2Server(script, pair);
    await using client = clientOf(server, { userAgent: 'me' });

    const headers = { connection: 'keep-alive', 'x-mine': 'yes' };
    const answer = await client.request('/x', { method: 'POST', body: { a: 'ä' }, headers });

    expect(answer).toEqual({
      body: '{"a":"ä"}',
      headers: expect.objectContaining({
        ':method': 'POST',
        ':path': '/x',
        'content-length': '10',
        'content-type': 'application/json',
        'user-agent': 'me',
        'x-mine': 'yes',
      }),
    });
    expect(answer).not.toHaveProperty('headers.connection');
  });

  test('aborting one call resets its stream and no other', async () => {
    const streams: ServerHttp2Stream[] = [];
    await using server = await startHttp2Server((stream, headers) => {
      if (headers[':path'] === '/slow') streams.push(stream);
      else watchOrOk(stream, headers);
    }, pair);
    await using client = clientOf(server);
    const watch = await openWatch(client);
    const controller = new AbortController();
    const slow = rejection(client.request('/slow', { signal: controller.signal }));
    await expect.poll(() => streams.length).toBe(1);

    controller.abort(new Error('enough'));

    expect(await slow).toMatchObject({ message: 'enough' });
    await expect.poll(() => streams[0]?.rstCode).toBe(constants.NGHTTP2_CANCEL);
    expect(await client.request('/x')).toEqual({ ok: true });
    expect(server.sessions).toHaveLength(1);
    await watch.return?.();
  });
});

describe('slow readers', () => {
  test('twenty watches that nobody reads hold up no call', async () => {
    const line = `{"type":"ADDED","object":{"a":"${'x'.repeat(3_000_000)}"}}\n`;
    await using server = await startHttp2Server(
      (stream, headers) => {
        if (!String(headers[':path']).includes('watch=true')) return answerOk(stream, headers);
        respondWatch(stream);
        stream.write(event);
        stream.write(line);
        stream.write(event);
      },
      { ...pair, maxSessionMemory: 100 },
    );
    await using client = clientOf(server);
    const watches = await Promise.all(Array.from({ length: 20 }, () => openWatch(client)));

    for (let call = 0; call < 20; call += 1)
      expect(await client.request('/x')).toEqual({ ok: true });

    expect(server.sessions).toHaveLength(1);
    for (const watch of watches) {
      await watch.next();
      expect(await watch.next()).toMatchObject({ done: false });
    }
  });

  test('what nobody reads stays on the server, but for a window', async () => {
    let taken = 0;
    await using server = await startHttp2Server((stream, headers) => {
      if (!String(headers[':path']).includes('watch=true')) return answerOk(stream, headers);
      respondWatch(stream);
      stream.write(event);
      const piece = `{"type":"ADDED","object":{"a":"${'x'.repeat(65_536)}"}}\n`;
      const pump = (): void => {
        while (taken < 50_000_000) {
          taken += piece.length;
          if (!stream.write(piece)) break;
        }
      };
      stream.on('drain', pump);
      pump();
    }, pair);
    await using client = clientOf(server);
    await openWatch(client);

    // What the client reads it makes room for before its next request, on the same connection.
    let quietRounds = 0;
    while (quietRounds < 10) {
      const before = taken;
      await client.request('/x');
      quietRounds = taken === before ? quietRounds + 1 : 0;
    }

    expect(taken).toBeLessThan(4_000_000);
  });
});

describe('a server that goes away', () => {
  test('a reading call is tried again after a reset, as over HTTP/1.1', async () => {
    let requests = 0;
    await using server = await startHttp2Server((stream, headers) => {
      requests += 1;
      if (requests === 1) stream.session?.destroy();
      else answerOk(stream, headers);
    }, pair);
    await using client = clientOf(server, { maxRetries: 1 });

    expect(await client.request('/x')).toEqual({ ok: true });
  });
});
