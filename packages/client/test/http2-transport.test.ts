import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readJson, type Answer } from '../src/answer.ts';
import { ConnectionPool } from '../src/connection-pool.ts';
import type { PoolRequest } from '../src/transport.ts';
import { makeAuthority, type Authority, type Pair } from '../testing/certificates.ts';
import { frameType, sendFrame, sendOk, startFrameServer, uint32 } from '../testing/frame-server.ts';
import { respondJson, respondWatch, startHttp2Server } from '../testing/http2-server.ts';

let authority: Authority;
let pair: Pair;
let clock: FakeClock;
let pool: ConnectionPool;

beforeAll(() => {
  authority = makeAuthority();
  pair = authority.issue('server');
});

afterAll(() => authority[Symbol.dispose]());

/** A pool whose time the test moves. */
function poolOf(server: { readonly url: string }): AsyncDisposable {
  clock = new FakeClock();
  pool = new ConnectionPool({ origin: server.url, http2: true, clock });
  return { [Symbol.asyncDispose]: () => pool.close() };
}

function send(options: Partial<PoolRequest> = {}): Promise<Answer> {
  const { signal } = new AbortController();
  const request = { method: 'GET', path: '/x', headers: {}, signal, timeoutMs: 0 } as const;
  return pool.send({ ca: authority.ca }, { ...request, ...options });
}

async function sendAndRead(): Promise<unknown> {
  return readJson(await send(), 'test', 1000);
}

function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => Promise.reject(new Error('It resolved')),
    (error: unknown) => error,
  );
}

/** Lets what was sent arrive on both sides. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves time until something is there. Returns for how long. */
async function stepUntil(isThere: () => boolean, mostMs: number): Promise<number> {
  let passedMs = 0;
  for (; !isThere() && passedMs < mostMs; passedMs += 1000) {
    clock.step(1000);
    await settled();
  }
  return passedMs;
}

describe('a connection without a stream', () => {
  test('closes after 45 s; the next call opens another', async () => {
    await using server = await startHttp2Server((stream) => respondJson(stream, 1), pair);
    await using _ = poolOf(server);
    await sendAndRead();
    await settled();

    clock.step(44_999);
    await settled();
    expect(server.sockets.size).toBe(1);
    clock.step(1);

    await expect.poll(() => server.sockets.size).toBe(0);
    expect(clock.pending).toBe(0);
    expect(await sendAndRead()).toBe(1);
    expect(server.sessions).toHaveLength(2);
  });

  test('sends nothing meanwhile', async () => {
    const frames: number[] = [];
    const onFrame = frames.push.bind(frames);
    await using server = await startFrameServer(({ type, stream }, socket) => {
      onFrame(type);
      if (type !== frameType.headers) return;
      const cancel = uint32(constants.NGHTTP2_CANCEL);
      sendFrame(socket, { type: frameType.reset, stream, payload: cancel });
    }, pair);
    await using _ = poolOf(server);
    await rejection(send());
    await settled();
    const before = frames.length;

    await stepUntil(() => false, 44_000);

    expect(frames.slice(before)).toEqual([]);
  });
});

describe('a silent connection', () => {
  test.each([
    ['within an answer', true, 30_000, 50_000],
    ['before an answer', false, 5000, 25_000],
  ])(
    'that is open on one side only is found by a ping, %s',
    async (_, answers, pingAfterMs, mostMs) => {
      const frames: number[] = [];
      await using server = await startFrameServer(({ type, stream }, socket) => {
        frames.push(type);
        if (type === frameType.headers && answers) sendOk(socket, stream);
      }, pair);
      await using _pool = poolOf(server);
      let error: unknown;
      const read = async (): Promise<unknown> => readJson(await send(), 'test', 1000);
      void rejection(read()).then((thrown) => (error = thrown));
      await expect.poll(() => frames).toContain(frameType.headers);

      const pingedMs = await stepUntil(() => frames.includes(frameType.ping), 60_000);
      const deadMs = pingedMs + (await stepUntil(() => error !== undefined, 60_000));

      expect(error).toMatchObject({ code: 'ETIMEDOUT' });
      expect(pingedMs).toBeGreaterThanOrEqual(pingAfterMs);
      expect(deadMs).toBeLessThanOrEqual(mostMs + 1000);
      expect(deadMs).toBeGreaterThanOrEqual(pingAfterMs + 15_000);
      await expect.poll(() => server.open).toBe(0);
      expect(clock.pending).toBe(0);
    },
  );

  test('that answers pings lives on', async () => {
    await using server = await startHttp2Server(respondWatch, pair);
    await using _ = poolOf(server);
    const answer = await send();
    let pings = 0;
    server.sessions[0]?.on('ping', () => (pings += 1));

    for (let count = 1; count <= 5; count += 1) {
      await stepUntil(() => pings === count, 60_000);
      expect(pings).toBe(count);
    }

    expect(answer.body.destroyed).toBe(false);
    expect(server.sessions).toHaveLength(1);
    answer.body.destroy();
  });
});

test('a call that the server refuses is sent again, seven times in all', async () => {
  let requests = 0;
  await using server = await startHttp2Server((stream) => {
    requests += 1;
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
  }, pair);
  await using _ = poolOf(server);
  let error: unknown;
  void rejection(send({ method: 'POST', body: '{}' })).then((thrown) => (error = thrown));

  await expect
    .poll(() => (clock.step(1000), error), { timeout: 20_000 })
    .toMatchObject({ code: 'ECONNRESET' });

  expect(requests).toBe(7);
  expect(server.sessions).toHaveLength(1);
});

test('a server that says GOAWAY on each new connection fails the call instead of being asked for ever', async () => {
  await using server = await startFrameServer(({ type }, socket) => {
    if (type === frameType.settings)
      sendFrame(socket, { type: frameType.goAway, payload: uint32(0, 0) });
  }, pair);
  await using _ = poolOf(server);
  let error: unknown;
  void rejection(send()).then((thrown) => (error = thrown));

  await expect
    .poll(() => (clock.step(1000), error), { timeout: 10_000 })
    .toMatchObject({ code: 'ECONNRESET' });

  expect(server.accepted).toBeLessThanOrEqual(21);
});

describe('time limits', () => {
  test('a silence before the answer is ended', async () => {
    const streams: ServerHttp2Stream[] = [];
    await using server = await startHttp2Server((stream) => void streams.push(stream), pair);
    await using _ = poolOf(server);
    const call = rejection(send({ timeoutMs: 4000 }));
    await expect.poll(() => streams.length).toBe(1);

    clock.step(4000);

    expect(await call).toMatchObject({ code: 'ETIMEDOUT' });
    await expect.poll(() => streams[0]?.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });

  test('a silence within the answer is ended, measured from the last that came', async () => {
    await using server = await startHttp2Server((stream) => {
      respondWatch(stream);
      setTimeout(() => stream.write('{'), 20);
    }, pair);
    await using _ = poolOf(server);
    const { body } = await send({ timeoutMs: 4000 });
    clock.step(3000);
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    const next = rejection(chunks.next());

    clock.step(3999);
    await settled();
    expect(body.destroyed).toBe(false);
    clock.step(1);

    expect(await next).toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('a reader who takes his time is no silence', async () => {
    await using server = await startHttp2Server((stream) => {
      respondWatch(stream);
      stream.write('x'.repeat(900_000));
    }, pair);
    await using _ = poolOf(server);
    const { body } = await send({ timeoutMs: 4000 });
    await expect.poll(() => body.readableLength).toBeGreaterThan(200_000);

    clock.step(60_000);

    expect(body.destroyed).toBe(false);
    body.destroy();
  });
});
