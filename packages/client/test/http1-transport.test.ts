import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { readText, type Answer } from '../src/answer.ts';
import { Connector } from '../src/connector.ts';
import { Http1Transport } from '../src/http1-transport.ts';
import { OpenSockets } from '../src/open-sockets.ts';
import type { PoolRequest } from '../src/transport.ts';
import { startRawServer, type RawServer } from '../testing/raw-server.ts';
import { answerJson, startServer } from '../testing/scripted-server.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

interface Fixture extends AsyncDisposable {
  readonly server: RawServer;
  readonly clock: FakeClock;
  readonly transport: Http1Transport;
  send(request?: Partial<PoolRequest>): Promise<Answer>;
  /** Sends a request and reads its answer. */
  text(request?: Partial<PoolRequest>): Promise<string>;
}

/** A transport to a server that says what it is told to, given how many requests it had before. */
async function start(onRequest: (socket: Socket, count: number) => void): Promise<Fixture> {
  let count = 0;
  const server = await startRawServer((socket) => onRequest(socket, count++));
  const clock = new FakeClock();
  const sockets = new OpenSockets();
  const transport = new Http1Transport({ target: { origin: server.url, clock }, tls: {}, sockets });
  const send = (request: Partial<PoolRequest> = {}): Promise<Answer> =>
    transport.send({
      method: 'GET',
      path: '/',
      headers: {},
      signal: new AbortController().signal,
      timeoutMs: 0,
      ...request,
    });
  return {
    server,
    clock,
    transport,
    send,
    text: async (request) => readText(await send(request), server.url, 1e6),
    async [Symbol.asyncDispose]() {
      await transport.destroy();
      await sockets.destroy();
      expect(clock.pending).toBe(0);
      await server[Symbol.asyncDispose]();
    },
  };
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

describe('an idle connection', () => {
  test('closes after 45 s', async () => {
    await using fixture = await start((socket) => socket.write(ok));
    await fixture.text();

    await fixture.clock.stepAsync(44_999);
    expect(fixture.server.open).toBe(1);
    await fixture.clock.stepAsync(1);

    await expect.poll(() => fixture.server.open).toBe(0);
  });

  test('closes a second before the server said that it would', async () => {
    const hinted = ok.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=5, max=9\r\n\r\n');
    await using fixture = await start((socket) => socket.write(hinted));
    await fixture.text();

    await fixture.clock.stepAsync(3999);
    expect(await fixture.text()).toBe('ok');
    expect(fixture.server.accepted).toBe(1);
    await fixture.clock.stepAsync(4000);

    await expect.poll(() => fixture.server.open).toBe(0);
  });

  test('is not used when the server speaks out of turn on it', async () => {
    let idle: Socket | undefined;
    await using fixture = await start((socket) => {
      idle = socket;
      socket.write(ok);
    });
    await fixture.text();

    idle?.write(ok.replace('ok', 'no'));

    await expect.poll(() => fixture.server.open).toBe(0);
    expect(await fixture.text()).toBe('ok');
    expect(fixture.server.accepted).toBe(2);
  });

  test('serves the next request when one cannot be written', async () => {
    await using fixture = await start((socket) => socket.write(ok));
    await fixture.text();

    const errors = [
      await failure(fixture.send({ path: '/a b' })),
      await failure(fixture.send({ headers: { a: 'b\n' } })),
    ];

    expect(errors).toMatchObject([
      { code: 'ERR_UNESCAPED_CHARACTERS' },
      { code: 'ERR_INVALID_CHAR' },
    ]);
    expect(await fixture.text()).toBe('ok');
    expect(fixture.server.accepted).toBe(1);
    await fixture.clock.stepAsync(45_000);
    await expect.poll(() => fixture.server.open).toBe(0);
  });

  test('that the server closes just as it is taken costs a reading request nothing', async () => {
    await using fixture = await start((socket, count) =>
      count === 1 ? socket.destroy() : socket.write(ok),
    );
    await fixture.text();

    expect(await fixture.text()).toBe('ok');
    expect(fixture.server.accepted).toBe(2);
  });

  test('that the server closes just as it is taken fails a writing request, which may have been done', async () => {
    await using fixture = await start((socket, count) =>
      count === 1 ? socket.destroy() : socket.write(ok),
    );
    await fixture.text();

    expect(await failure(fixture.text({ method: 'POST', body: '{}' }))).toMatchObject({
      code: 'ECONNRESET',
    });
  });
});

describe('an answer', () => {
  const head = 'HTTP/1.1 200 OK\r\n';

  test.each([
    ['of a known length', `${head}Content-Length: 9\r\n\r\nhalf`],
    [
      'of a known length after which the server closes',
      `${head}Connection: close\r\nContent-Length: 9\r\n\r\nhalf`,
    ],
    ['in chunks', `${head}Transfer-Encoding: chunked\r\n\r\n9\r\nhalf`],
    ['in chunks between two of them', `${head}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`],
  ])('that ends early is a broken connection: %s', async (_, text) => {
    await using fixture = await start((socket) => socket.end(text));

    expect(await failure(fixture.text())).toMatchObject({
      code: 'ECONNRESET',
      message: 'the connection was closed before the answer was complete',
    });
  });

  test('that does not come at all is a broken connection', async () => {
    await using fixture = await start((socket) => socket.end());

    expect(await failure(fixture.text())).toMatchObject({
      code: 'ECONNRESET',
      message: 'the connection was closed before an answer came',
    });
  });

  test('that is not HTTP is told so', async () => {
    await using fixture = await start((socket) => socket.write('SSH-2.0-OpenSSH\r\n'));

    expect(await failure(fixture.text())).toMatchObject({
      message: expect.stringMatching(/^the answer is not HTTP: /),
    });
  });

  test('that stops being HTTP in its middle fails its reader', async () => {
    await using fixture = await start((socket) =>
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\nXYZ\r\n`),
    );

    expect(await failure(fixture.text())).toMatchObject({
      message: expect.stringMatching(/^the answer is not HTTP: /),
    });
  });

  test('that switches protocols is refused', async () => {
    await using fixture = await start((socket) =>
      socket.write('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    );

    expect(await failure(fixture.text())).toMatchObject({
      message: expect.stringContaining('switched to another protocol'),
    });
    await expect.poll(() => fixture.server.open).toBe(0);
  });

  test('that is destroyed early takes its connection with it', async () => {
    await using fixture = await start((socket) => socket.write(ok.replace('h: 2', 'h: 3')));

    (await fixture.send()).body.destroy();

    await expect.poll(() => fixture.server.open).toBe(0);
  });

  test('that ends before the request was read does not leave the connection to the next one', async () => {
    await using fixture = await start((socket, count) => {
      if (count > 0) return;
      socket.pause();
      socket.write(ok);
    });

    expect(await fixture.text({ method: 'POST', body: 'x'.repeat(30_000_000) })).toBe('ok');

    await fixture.clock.stepAsync(50);
    expect(fixture.clock.pending).toBe(0);
  });
});

describe('silence', () => {
  test('fails a call before its answer, however long the request took to be written', async () => {
    await using fixture = await start(() => {});
    const call = failure(fixture.text({ timeoutMs: 1000 }));
    await expect.poll(() => fixture.clock.pending).toBe(1);

    await fixture.clock.stepAsync(1000);

    expect(await call).toMatchObject({
      code: 'ETIMEDOUT',
      message: 'no answer came within 1000 ms',
    });
  });

  test('within an answer fails its reader, and each byte begins the wait anew', async () => {
    let more = (): void => {};
    await using fixture = await start((socket) => {
      socket.write(ok.replace('h: 2', 'h: 9'));
      more = () => socket.write('ok');
    });
    const { body } = await fixture.send({ timeoutMs: 1000 });
    const reader = body[Symbol.asyncIterator]();
    await reader.next();

    await fixture.clock.stepAsync(999);
    more();
    await reader.next();
    await fixture.clock.stepAsync(999);
    const last = failure(reader.next());
    expect(body.destroyed).toBe(false);
    await fixture.clock.stepAsync(1);

    expect(await last).toMatchObject({
      code: 'ETIMEDOUT',
      message: 'nothing more of the answer came within 1000 ms',
    });
  });

  test('of the reader is not that of the server', async () => {
    const size = 20_000_000;
    await using fixture = await start((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`),
    );
    const answer = await fixture.send({ timeoutMs: 1000 });
    await expect.poll(() => answer.body.readableLength).toBeGreaterThan(60_000);
    await turn();

    await fixture.clock.stepAsync(3_600_000);

    expect(await readText(answer, '', size)).toHaveLength(size);
  });
});

describe('an end', () => {
  test('by a signal while connecting closes the connection at once', async () => {
    const controller = new AbortController();
    await using server = await startRawServer(() => controller.abort(new Error('enough')));
    const origin = server.url.replace('http:', 'https:');
    const sockets = new OpenSockets();
    const transport = new Http1Transport({ target: { origin }, tls: {}, sockets });
    const { signal } = controller;
    const request: PoolRequest = { method: 'GET', path: '/', headers: {}, signal, timeoutMs: 0 };

    await expect(transport.send(request)).rejects.toThrow('enough');

    await expect.poll(() => server.open).toBe(0);
  });

  test.each(['http', 'https', 'socks5'])(
    'by a signal before the connection to a proxy is begun closes it at once, %s',
    async (scheme) => {
      await using proxy = await startRawServer(() => {});
      const clock = new FakeClock();
      const sockets = new OpenSockets();
      const proxyUrl = proxy.url.replace('http:', `${scheme}:`);
      const target = { origin: 'https://127.0.0.1:1', proxyUrl, clock };
      const connector = new Connector({ target, tls: {}, sockets, clock, protocols: ['http/1.1'] });
      const controller = new AbortController();
      const connection = failure(connector.connect(controller.signal));

      controller.abort(new Error('enough'));

      expect(await connection).toMatchObject({ code: 'ECONNRESET' });
      await expect.poll(() => proxy.open).toBe(0);
      expect(clock.pending).toBe(0);
    },
  );

  test('by a signal while a connection is chosen sends nothing', async () => {
    let requests = 0;
    await using fixture = await start((socket) => {
      requests += 1;
      socket.write(ok);
    });
    await fixture.text();

    const error = await failure(fixture.send({ signal: AbortSignal.abort(new Error('enough')) }));

    expect(error).toMatchObject({ message: 'enough' });
    expect(await fixture.text()).toBe('ok');
    expect(requests).toBe(2);
  });

  test('by a signal after the answer changes nothing', async () => {
    await using fixture = await start((socket) => socket.write(ok));
    const controller = new AbortController();
    await fixture.text({ signal: controller.signal });

    controller.abort();

    await fixture.text();
    expect(fixture.server.accepted).toBe(1);
  });

  test('that waits for the last answers lets them end', async () => {
    let finish = (): void => {};
    await using fixture = await start((socket, count) => {
      if (count === 0) socket.write(ok);
      else {
        socket.write(ok.slice(0, -1));
        finish = () => socket.write('k');
      }
    });
    await fixture.text();
    const answer = await fixture.send();

    const retired = fixture.transport.retire();
    finish();

    expect(await readText(answer, '', 9)).toBe('ok');
    await retired;
    await expect.poll(() => fixture.server.open).toBe(0);
  });

  test('at once fails the call that waits', async () => {
    await using fixture = await start(() => {});
    const call = failure(fixture.text({ timeoutMs: 1000 }));
    await expect.poll(() => fixture.clock.pending).toBe(1);

    await fixture.transport.destroy();

    expect(await call).toMatchObject({ code: 'ECONNRESET' });
    await expect.poll(() => fixture.server.open).toBe(0);
  });
});

test('several calls at once use several connections, which later calls use again', async () => {
  await using fixture = await start((socket) => socket.write(ok));

  await Promise.all([1, 2, 3].map(() => fixture.text()));
  await Promise.all([1, 2, 3].map(() => fixture.text()));

  expect(fixture.server.accepted).toBe(3);
});

test.each([
  ['DELETE', '{"a":"é"}', '10'],
  ['POST', undefined, '0'],
  ['GET', undefined, undefined],
] as const)('the length of a body is said in bytes: %s %s', async (method, body, length) => {
  await using server = await startServer((_, response) => answerJson(response, {}));
  const sockets = new OpenSockets();
  const transport = new Http1Transport({
    target: { origin: server.url },
    tls: { skipTLSVerify: true },
    sockets,
  });
  const { signal } = new AbortController();

  const answer = await transport.send({
    method,
    path: '/',
    headers: {},
    body,
    signal,
    timeoutMs: 0,
  });

  expect(await readText(answer, '', 99)).toBe('{}');
  expect(server.requests[0]).toMatchObject({ method, body: body ?? '' });
  expect(server.requests[0]?.headers['content-length']).toBe(length);
  expect(server.requests[0]?.headers['transfer-encoding']).toBeUndefined();
  await transport.destroy();
});
