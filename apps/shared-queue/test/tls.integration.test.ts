import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

import type { SkippableContext } from '@kubeloop/control-plane';
import { portOf } from '@kubeloop/control-plane/ports';
import { AmqpQueue } from '@kubeloop/workqueue-amqp';
import { afterAll, expect, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import { waitUntil } from '../src/broker/wait-until.ts';
import { messageOf } from '../src/rig/message-of.ts';
import { startBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { Certificates } from '../src/testing/certificates.ts';
import { openElsewhere } from '../src/testing/open-elsewhere.ts';

/** Few, since a broker takes a while to make each. */
const partitions = 2;

interface Setting {
  readonly broker: Broker;
  readonly certificates: Certificates;
}

let shared: Promise<Setting> | undefined;

afterAll(async () => {
  const at = await shared?.catch(() => undefined);
  await at?.broker.stop();
  await at?.certificates[Symbol.asyncDispose]();
});

async function start(context: SkippableContext): Promise<Setting> {
  const certificates = await Certificates.create();
  const tls = certificates.server({ isClientCertificateRequired: true });
  try {
    return { broker: await startBrokerOrSkip(context, { tls }), certificates };
  } catch (error) {
    // A test that is skipped skips no other.
    shared = undefined;
    await certificates[Symbol.asyncDispose]();
    throw error;
  }
}

/** A broker that speaks TLS and nothing else, and asks for certificates: one for all tests, since it takes its time to start. */
function startOrSkip(context: SkippableContext): Promise<Setting> {
  shared ??= start(context);
  return shared;
}

/** What a client has that knows everything. */
function tlsOf({ certificates: { first, client } }: Setting): {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
} {
  return { ca: first.certificate, cert: client.certificate, key: client.key };
}

test('a queue that has the authority of the broker and a certificate works over TLS', async (context) => {
  const at = await startOrSkip(context);
  const urls = at.broker.urls;
  await using queue = await AmqpQueue.open({ name: 'works', urls, partitions, tls: tlsOf(at) });

  await queue.add('a');
  const { item } = await queue.get();
  queue.done('a');
  await queue.shutDownWithDrain();

  expect(item).toBe('a');
}, 120_000);

test('a broker whose authority is not known, that has another name or that asks for a certificate in vain is refused with the reason, and nothing is left', async (context) => {
  const at = await startOrSkip(context);
  const { url } = at.broker.node;
  const { ca, cert, key } = tlsOf(at);
  const options = { name: 'refused', urls: url, partitions };
  const renamed = url.replace('127.0.0.1', 'localhost');

  const openings = await Promise.all([
    openElsewhere('AmqpQueue', { ...options, tls: { cert, key } }),
    openElsewhere('AmqpQueue', { ...options, urls: renamed, tls: { ca, cert, key } }),
    openElsewhere('AmqpQueue', { ...options, tls: { ca } }),
  ]);

  const [unknown, misnamed, without] = openings.map(({ message }) => message);
  expect(unknown).toMatch(/^Cannot open queue "refused": (self-signed|unable to verify)/u);
  expect(misnamed).toMatch(/^Cannot open queue "refused": .*altnames: Host: localhost/u);
  expect(without).toBe('Cannot open queue "refused": tlsv13 alert certificate required');
  expect(openings.map(({ leftOver }) => leftOver)).toEqual([[], [], []]);
}, 120_000);

test('a broker that comes back with a certificate of another authority is told of until close, and is taken where both are known', async (context) => {
  const at = await startOrSkip(context);
  const { broker, certificates } = at;
  const tls = tlsOf(at);
  const errors: unknown[] = [];
  const onError = (error: unknown): number => errors.push(error);
  const options = { urls: broker.urls, partitions, random: () => 0 };
  const both = { ...tls, ca: [tls.ca, certificates.second.certificate] };
  await using knowing = await AmqpQueue.open({ ...options, name: 'knowing', tls: both });
  await using strict = await AmqpQueue.open({ ...options, name: 'strict', tls, onError });
  await broker.node.stop();
  await certificates.signServer(certificates.second);
  const adding = Promise.allSettled([strict.add('a')]);

  await broker.node.start();
  await knowing.add('b');
  const { item } = await knowing.get();
  const told = (): boolean =>
    errors.filter((error) => /verify|self-signed/u.test(String(error))).length >= 2;
  await waitUntil({ what: 'the refusals are told', timeoutMs: 30_000 }, told);
  const { publishing } = strict.describe().connections;
  await strict.close();

  const [settled] = await adding;
  const { outbox, connections } = strict.describe();
  expect([item, publishing, settled.status]).toEqual(['b', 'connecting', 'rejected']);
  expect([outbox, connections]).toEqual([0, { publishing: 'closed', consuming: 'closed' }]);
}, 120_000);

test.each(['amqp', 'amqps'])(
  'an opening at %s that is given up leaves no socket at a broker that does not answer',
  async (scheme) => {
    await using silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const accepted = once(silent, 'connection');
    const stop = new AbortController();
    const { signal } = stop;
    const urls = `${scheme}://127.0.0.1:${portOf(silent)}`;
    const opening = AmqpQueue.open({ name: 'silent', urls }, { signal });
    const refusal = opening.catch(messageOf);
    // A server on TCP hands such a socket over.
    const [socket] = (await accepted) as [Socket];
    socket.on('error', () => undefined).resume();
    // The queue would give up by itself after five seconds.
    const timely = AbortSignal.timeout(4000);

    stop.abort(new Error('enough'));

    await once(socket, 'close', { signal: timely });
    expect(await refusal).toBe('enough');
  },
);
