import { setTimeout as sleep } from 'node:timers/promises';

import { connect } from 'amqplib';
import { expect, test } from 'vitest';

import { isOpen } from '../src/broker/is-open.ts';
import { waitUntil } from '../src/broker/wait-until.ts';
import { sharedBrokerOrSkip, startBrokerOrSkip } from '../src/testing/broker-or-skip.ts';

test('a broker keeps what is durable over a kill and a restart on the same port', async (context) => {
  await using broker = await startBrokerOrSkip(context);
  const before = await connect(broker.node.url);
  before.on('error', () => undefined);
  const channel = await before.createConfirmChannel();
  await channel.assertQueue('kept', { arguments: { 'x-queue-type': 'quorum' } });
  channel.sendToQueue('kept', Buffer.from('a'), { persistent: true });
  await channel.waitForConfirms();
  // The broker writes the list of its Raft members to disk every half second, and does not find a younger quorum queue after a kill.
  await sleep(1500);

  await broker.node.kill();
  const isOpenAfterKill = await isOpen(broker.node.port);
  await broker.node.start();

  const what = 'the message is back';
  const content = await waitUntil({ what, timeoutMs: 60_000 }, async () =>
    firstMessage(broker.node.url).catch(() => undefined),
  );
  expect(isOpenAfterKill).toBe(false);
  expect(content).toBe('a');
}, 120_000);

/** Takes a message on a connection of its own, because the broker closes it while the queue has no leader. */
async function firstMessage(url: string): Promise<string | undefined> {
  const connection = await connect(url);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  connection.on('error', reject);
  const channel = await connection.createChannel();
  const message = await Promise.race([channel.get('kept', { noAck: true }), failed]);
  await connection.close();
  return message === false ? undefined : message.content.toString();
}

test('a broker that is stopped leaves no process and no open port', async (context) => {
  const broker = await startBrokerOrSkip(context);
  const { pid, port } = broker.node;

  await broker.stop();

  expect(pid).toBeDefined();
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
  expect(await isOpen(port)).toBe(false);
}, 120_000);

test('an Erlang expression is evaluated inside the broker', async (context) => {
  const broker = await sharedBrokerOrSkip(context);

  expect(await broker.eval('1 + 1.')).toBe('2');
}, 120_000);
