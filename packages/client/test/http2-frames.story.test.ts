import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { respondJson, startHttp2Server } from '../testing/http2-server.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeClientOptions } from '../src/client-options.ts';
import { KubeClient } from '../src/kube-client.ts';
import { NotingClock } from '../testing/noting-clock.ts';
import { makeAuthority, type Authority, type Pair } from '../testing/certificates.ts';
import {
  endStream,
  frameType,
  sendFrame,
  sendOk,
  startFrameServer,
  uint32,
  type FrameServer,
} from '../testing/frame-server.ts';

let authority: Authority;
let pair: Pair;

beforeAll(() => {
  authority = makeAuthority();
  pair = authority.issue('server');
});

afterAll(() => authority[Symbol.dispose]());

const noError = 0;
const internalError = 2;
const cancel = 8;
const enhanceYourCalm = 11;

/** Calls `onRequest` for the headers of each request. */
function startAnswering(
  onRequest: (socket: TLSSocket, stream: number, count: number) => void,
): Promise<FrameServer> {
  let count = 0;
  return startFrameServer(({ type, stream }, socket) => {
    if (type !== frameType.headers) return;
    count += 1;
    onRequest(socket, stream, count);
  }, pair);
}

function clientOf(
  server: { readonly url: string },
  options: Partial<KubeClientOptions> = {},
): KubeClient {
  const { ca } = authority;
  return new KubeClient({ server: server.url, ca, http2: true, maxRetries: 0, ...options });
}

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => Promise.reject(new Error('It resolved')),
    (error: unknown) => error,
  );
}

function answerAll(socket: TLSSocket, stream: number): void {
  sendOk(socket, stream);
  sendFrame(socket, { stream, flags: endStream, payload: Buffer.from('{"ok":true}') });
}

function reset(socket: TLSSocket, stream: number, code: number): void {
  sendFrame(socket, { type: frameType.reset, stream, payload: uint32(code) });
}

function goAway(socket: TLSSocket, lastStream: number, code: number): void {
  sendFrame(socket, { type: frameType.goAway, payload: uint32(lastStream, code) });
}

type BreakOff = (socket: TLSSocket, stream: number) => void;

test('a reading call whose connection answers no ping is tried again over another one', async () => {
  const clock = new NotingClock();
  await using server = await startAnswering((socket, stream, count) => {
    if (count === 2) answerAll(socket, stream);
  });
  await using client = clientOf(server, { clock, maxRetries: 1 });
  let answer: unknown;
  void client.request('/x').then(
    (value) => (answer = value),
    (error: unknown) => (answer = error),
  );

  await expect
    .poll(async () => (await clock.stepAsync(1000), answer), { interval: 1 })
    .toBeDefined();

  expect(answer).toEqual({ ok: true });
});

describe('an answer that is broken off', () => {
  test.each<[string, BreakOff]>([
    ['cancels the stream', (socket, stream) => reset(socket, stream, cancel)],
    ['resets the stream without an error', (socket, stream) => reset(socket, stream, noError)],
    ['fails inside', (socket, stream) => reset(socket, stream, internalError)],
    ['closes the connection', (socket) => void socket.end()],
    ['destroys the connection', (socket) => void socket.destroy()],
    ['says GOAWAY for an error', (socket) => goAway(socket, 1, internalError)],
  ])('is never taken for a complete one: the server %s', async (_, breakOff) => {
    await using before = await startAnswering(breakOff);
    await using within = await startAnswering((socket, stream) => {
      sendOk(socket, stream);
      sendFrame(socket, { stream, payload: Buffer.from('{"ok":true}') });
      setImmediate(() => breakOff(socket, stream));
    });
    await using first = clientOf(before);
    await using second = clientOf(within);

    const failures = [
      await rejection(first.request('/x', { method: 'POST', body: {} })),
      await rejection(second.request('/x', { method: 'POST', body: {} })),
    ];

    const expected = { name: 'ConnectionError', code: 'ECONNRESET' };
    expect(failures).toEqual([
      expect.objectContaining(expected),
      expect.objectContaining(expected),
    ]);
  });

  test('says what the server did', async () => {
    await using server = await startAnswering((socket, stream) =>
      reset(socket, stream, internalError),
    );
    await using client = clientOf(server);

    await expect(client.request('/x')).rejects.toThrow(
      `Cannot reach server ${server.url}: the server reset the stream: INTERNAL_ERROR`,
    );
  });
});

describe('a call that the server has not acted on is sent again, also a write', () => {
  test('GOAWAY without an error says so', async () => {
    await using server = await startAnswering((socket, stream, count) => {
      if (count === 1) goAway(socket, 0, 0);
      else answerAll(socket, stream);
    });
    await using client = clientOf(server);

    expect(await client.request('/x', { method: 'POST', body: {} })).toEqual({ ok: true });
    expect(server.accepted).toBe(2);
  });

  test('GOAWAY with an error says so', async () => {
    await using server = await startAnswering((socket, stream, count) => {
      if (count === 1) goAway(socket, 0, enhanceYourCalm);
      else answerAll(socket, stream);
    });
    await using client = clientOf(server);

    expect(await client.request('/x', { method: 'POST', body: {} })).toEqual({ ok: true });
    expect(server.accepted).toBe(2);
  });
});

test('after GOAWAY open streams finish, and new calls go to a new connection', async () => {
  let finish = (): void => {};
  await using server = await startAnswering((socket, stream, count) => {
    if (count > 1) return answerAll(socket, stream);
    sendOk(socket, stream);
    sendFrame(socket, { stream, payload: Buffer.from('{"ok":') });
    goAway(socket, stream, 0);
    finish = () => sendFrame(socket, { stream, flags: endStream, payload: Buffer.from('1}') });
    return undefined;
  });
  await using client = clientOf(server);
  const open = client.request('/open');
  await client.request('/x');
  await expect.poll(() => server.accepted).toBe(2);

  finish();

  expect(await open).toEqual({ ok: 1 });
  // The old connection goes away by itself.
  await expect.poll(() => server.open).toBe(1);
  expect(await client.request('/x')).toEqual({ ok: true });
  expect(server.accepted).toBe(2);
});

test('connections that are reset at any moment of their beginning leave no call waiting', async () => {
  await using server = await startHttp2Server((stream) => respondJson(stream, { ok: true }), pair);
  const { port } = new URL(server.url);
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    sockets.add(socket);
    const upstream = connect(Number(port), '127.0.0.1');
    for (const one of [socket, upstream]) one.on('error', () => {});
    socket.pipe(upstream).pipe(socket);
    socket.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has such an address.
  const url = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  await using client = clientOf({ ...server, url });

  for (let delay = 0; delay < 300; delay += 1) {
    const call = client.request('/x').catch(() => {});
    for (let turn = 0; turn < delay % 50; turn += 1)
      await new Promise((done) => setImmediate(done));
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
    await call;
  }

  expect(await client.request('/x')).toEqual({ ok: true });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => proxy.close(resolve));
}, 120_000);

test('seventeen informational answers are too many', async () => {
  await using server = await startAnswering((socket, stream) => {
    // ":status: 102", its name being entry 8 of the static table.
    const payload = Buffer.from([0x08, 3, ...Buffer.from('102')]);
    for (let count = 0; count < 17; count += 1)
      sendFrame(socket, { type: frameType.headers, flags: 4, stream, payload });
  });
  await using client = clientOf(server);

  await expect(client.request('/x')).rejects.toThrow(
    'more than 16 informational answers came before the answer',
  );
});
