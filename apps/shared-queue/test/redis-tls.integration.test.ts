import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';

import { portOf } from '@kubeloop/control-plane/ports';
import { RedisQueue } from '@kubeloop/workqueue-redis';
import { expect, test, type TestContext } from 'vitest';

import { waitUntil } from '../src/broker/wait-until.ts';
import { redisOrSkip } from '../src/redis/redis-or-skip.ts';
import type { RedisServer } from '../src/redis/server.ts';
import { messageOf } from '../src/rig/message-of.ts';
import { Certificates } from '../src/testing/certificates.ts';
import { openElsewhere } from '../src/testing/open-elsewhere.ts';

/** So long that no timer of the queue can end what a test waits for. */
const leaseMs = 600_000;
const name = 'tls';

interface Setting {
  readonly server: RedisServer;
  readonly certificates: Certificates;
}

/** A server that speaks TLS and nothing else, which ends with the test. */
async function startOrSkip(
  context: TestContext,
  isClientCertificateRequired: boolean,
): Promise<Setting> {
  const certificates = await Certificates.create();
  context.onTestFinished(() => certificates[Symbol.asyncDispose]());
  const tls = certificates.server({ isClientCertificateRequired });
  const server = await redisOrSkip(context, { tls, appendfsync: 'always' });
  context.onTestFinished(() => server[Symbol.asyncDispose]());
  return { server, certificates };
}

/** Adds a key, takes it and ends it. */
async function work(queue: RedisQueue, key: string): Promise<string | undefined> {
  await queue.add(key);
  const { item } = await queue.get();
  await queue.done(key);
  return item;
}

async function listen(server: Server, host: string): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return portOf(server);
}

test('a queue that has the authority of the server works over TLS', async (context) => {
  const at = await startOrSkip(context, false);
  const tls = { ca: at.certificates.first.certificate };
  await using queue = await RedisQueue.open({ name, url: at.server.url, tls });

  const item = await work(queue, 'a');

  const { queued, processing } = await queue.inspect();
  expect({ item, queued, processing }).toEqual({ item: 'a', queued: 0, processing: 0 });
});

test('a server whose authority is not known, or that has another name, is refused with the reason, and nothing is left', async (context) => {
  const at = await startOrSkip(context, false);
  const { url } = at.server;
  const tls = { ca: at.certificates.first.certificate };
  const otherName = { url: url.replace('127.0.0.1', 'localhost'), tls };

  const [unknown, renamed] = await Promise.all([
    openElsewhere('RedisQueue', { name, leaseMs, url }),
    openElsewhere('RedisQueue', { name, leaseMs, ...otherName }),
  ]);

  expect(unknown.message).toMatch(/^Cannot open queue "tls": (self-signed|unable to verify)/u);
  expect(renamed.message).toMatch(/^Cannot open queue "tls": .*altnames: Host: localhost/u);
  expect([unknown.leftOver, renamed.leftOver]).toEqual([[], []]);
}, 40_000);

test('a server that asks for a certificate takes a queue that has one, and refuses one that has none with the reason', async (context) => {
  const at = await startOrSkip(context, true);
  const { url } = at.server;
  const { first, client } = at.certificates;
  const ca = first.certificate;
  const tls = { ca, cert: client.certificate, key: client.key };
  await using queue = await RedisQueue.open({ name, url, tls });

  const item = await work(queue, 'a');
  const without = await openElsewhere('RedisQueue', { name, leaseMs, url, tls: { ca } });

  const message = 'Cannot open queue "tls": tlsv13 alert certificate required';
  expect([item, without]).toEqual(['a', { message, leftOver: [] }]);
}, 40_000);

test('a queue comes back over TLS by itself when the server was killed and started again', async (context) => {
  const at = await startOrSkip(context, true);
  const { first, client } = at.certificates;
  const tls = { ca: first.certificate, cert: client.certificate, key: client.key };
  await using queue = await RedisQueue.open({ name, url: at.server.url, tls });
  await at.server.kill();
  const added = queue.add('a');

  await at.server.restart();
  await added;

  expect((await queue.get()).item).toBe('a');
}, 30_000);

test('a server that comes back with a certificate of another authority is told of until close, and is taken where both are known', async (context) => {
  const at = await startOrSkip(context, false);
  const { server, certificates } = at;
  const [one, other] = [certificates.first.certificate, certificates.second.certificate];
  const errors: unknown[] = [];
  const onError = (error: unknown): number => errors.push(error);
  const options = { name, url: server.url };
  await using knowing = await RedisQueue.open({ ...options, tls: { ca: [one, other] } });
  await using strict = await RedisQueue.open({ ...options, tls: { ca: one }, onError });
  await server.kill();
  await certificates.signServer(certificates.second);

  await server.restart();
  const adding = Promise.allSettled([strict.add('a')]);
  const item = await work(knowing, 'b');
  const told = (): boolean => errors.filter((error) => /verify/u.test(String(error))).length >= 3;
  await waitUntil({ what: 'the refusals are told', timeoutMs: 20_000 }, told);
  const { connection } = strict.describe();
  await strict.close();

  const [settled] = await adding;
  expect([item, connection, settled.status]).toEqual(['b', 'connecting', 'rejected']);
  expect(strict.describe()).toMatchObject({ connection: 'closed', outbox: 0 });
}, 40_000);

test('an opening that is given up leaves no socket at a server that does not answer the handshake', async () => {
  await using silent = createServer();
  const port = await listen(silent, 'localhost');
  const accepted = once(silent, 'connection');
  const stop = new AbortController();
  const { signal } = stop;
  const opening = RedisQueue.open({ name, leaseMs, url: `rediss://localhost:${port}` }, { signal });
  const refusal = opening.catch(messageOf);
  // A server on TCP hands such a socket over.
  const [socket] = (await accepted) as [Socket];
  socket.on('error', () => undefined).resume();

  stop.abort(new Error('enough'));

  await once(socket, 'close');
  expect(await refusal).toBe('enough');
});

test.each([
  ['localhost', 'localhost'],
  ['127.0.0.1', false],
])('a server that is called %s is told the name %s in the handshake', async (host, told) => {
  await using certificates = await Certificates.create();
  const { certificate: cert, key } = certificates.client;
  await using server = createTlsServer({ cert, key });
  const port = await listen(server, host);
  const met = once(server, 'secureConnection');
  const tls = { rejectUnauthorized: false };
  const opening = RedisQueue.open({ name, leaseMs, url: `rediss://${host}:${port}`, tls });
  const refusal = opening.catch(messageOf);

  // A server with TLS hands such a socket over.
  const [socket] = (await met) as [TLSSocket & { readonly servername: string | false }];

  socket.destroy();
  expect(socket.servername).toBe(told);
  expect(await refusal).toContain('Cannot open queue "tls"');
});
