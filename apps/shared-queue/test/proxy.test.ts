import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import { portOf } from '@kubeloop/control-plane/ports';
import { expect, onTestFinished, test } from 'vitest';

import { CuttingProxy } from '../src/rig/proxy.ts';

async function echoThroughProxy(): Promise<{ proxy: CuttingProxy; client: Socket }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await CuttingProxy.open(portOf(server));
  const client = connect({ port: Number(new URL(proxy.url).port), host: '127.0.0.1' });
  client.setEncoding('utf8').on('error', () => undefined);
  onTestFinished(async () => {
    client.destroy();
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  return { proxy, client };
}

async function said(client: Socket): Promise<string> {
  const [text] = await once(client, 'data');
  return String(text);
}

test('a relay passes bytes both ways', async () => {
  const { client } = await echoThroughProxy();

  client.write('hello');

  expect(await said(client)).toBe('hello');
});

test('a cut resets the connection', async () => {
  const { proxy, client } = await echoThroughProxy();
  client.write('hello');
  await said(client);
  const { promise: closed, resolve } = Promise.withResolvers<boolean>();
  client.once('close', resolve);

  proxy.cut();

  expect(await closed).toBe(true);
  expect(proxy.cuts).toBe(1);
});

test('a silenced relay keeps bytes back until it is told to go on', async () => {
  const { proxy, client } = await echoThroughProxy();
  client.write('one');
  await said(client);
  let hasAnswered = false;

  proxy.silence();
  client.write('two');
  const answer = said(client).then((text) => {
    hasAnswered = true;
    return text;
  });
  await new Promise((resolve) => setImmediate(resolve));

  expect(hasAnswered).toBe(false);
  proxy.unsilence();
  expect(await answer).toBe('two');
});
