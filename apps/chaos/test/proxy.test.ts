import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Proxy } from '../src/proxy.ts';

let target: Server;
let atTarget: Socket[];
let proxy: Proxy;
let clients: Socket[];

beforeEach(async () => {
  atTarget = [];
  clients = [];
  target = createServer({ allowHalfOpen: true }, (socket) => {
    atTarget.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => socket.write(chunk));
    socket.once('end', () => socket.end());
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  // A TCP server's address is an object.
  const { port } = target.address() as AddressInfo;
  proxy = new Proxy({ host: '127.0.0.1', port });
  await proxy.listen();
});

afterEach(async () => {
  for (const socket of [...clients, ...atTarget]) socket.destroy();
  await proxy.close();
  target.close();
});

interface Client {
  readonly socket: Socket;
  /** What came back so far. */
  text(): string;
  /** The code of the failure, if any. */
  failure(): string | undefined;
}

async function client(): Promise<Client> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  clients.push(socket);
  let text = '';
  let failure: string | undefined;
  socket.on('data', (chunk) => (text += chunk.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => (failure = error.code));
  await once(socket, 'connect');
  return { socket, text: () => text, failure: () => failure };
}

async function exchange(one: Client, words: string): Promise<void> {
  const before = one.text();
  one.socket.write(words);
  await vi.waitFor(() => expect(one.text()).toBe(before + words));
}

const pause = async (ms: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, ms));

describe('the proxy', () => {
  test('passes bytes both ways and forgets connections that have ended', async () => {
    const one = await client();
    await exchange(one, 'hello');
    expect(proxy.links).toHaveLength(1);

    one.socket.end();
    await once(one.socket, 'close');

    await vi.waitFor(() => expect(proxy.links).toEqual([]));
    expect(proxy.accepted).toBe(1);
  });

  test('holds back what is frozen and delivers it when healed', async () => {
    const one = await client();
    await exchange(one, 'a');

    proxy.trouble({ freeze: true }, 'both');
    one.socket.write('b');
    await pause(60);
    expect(one.text()).toBe('a');
    proxy.heal();

    await vi.waitFor(() => expect(one.text()).toBe('ab'));
  });

  test('freezes new connections too', async () => {
    proxy.trouble({ freeze: true }, 'down');
    const one = await client();

    one.socket.write('a');
    await pause(60);
    expect(one.text()).toBe('');
    proxy.heal();

    await vi.waitFor(() => expect(one.text()).toBe('a'));
  });

  test('freezes one connection and not its neighbour', async () => {
    const [one, other] = [await client(), await client()];
    await exchange(one, 'x');
    await exchange(other, 'y');

    proxy.trouble({ freeze: true }, 'both', proxy.links[0]);
    one.socket.write('b');
    await exchange(other, 'b');

    expect(one.text()).toBe('x');
  });

  test('swallows for ever, and leaves the connection open', async () => {
    const one = await client();
    await exchange(one, 'a');

    proxy.trouble({ swallow: true }, 'down', proxy.links[0]);
    one.socket.write('b');
    proxy.heal();
    one.socket.write('c');
    await pause(60);

    expect([one.text(), one.socket.destroyed, proxy.links.length]).toEqual(['a', false, 1]);
    one.socket.end();
    await vi.waitFor(() => expect(proxy.links).toEqual([]));
  });

  test('keeps a swallowed connection open when the server closes its end', async () => {
    const one = await client();
    await exchange(one, 'a');

    proxy.trouble({ swallow: true }, 'both', proxy.links[0]);
    atTarget[0]?.destroy();
    await pause(60);

    expect(one.socket.destroyed).toBe(false);
    expect(one.socket.readableEnded).toBe(false);
  });

  test('delays and keeps the order', async () => {
    const one = await client();
    await exchange(one, 'a');
    proxy.trouble({ delayMs: 50 }, 'down');
    const began = performance.now();

    for (const letter of 'bcdef') {
      one.socket.write(letter);
      await pause(5);
    }
    await vi.waitFor(() => expect(one.text()).toBe('abcdef'));

    expect(performance.now() - began).toBeGreaterThan(45);
  });

  test('loses and reorders nothing when it is healed amid delays', async () => {
    const one = await client();
    await exchange(one, 'a');
    proxy.trouble({ delayMs: 40 }, 'both');

    one.socket.write('b');
    await pause(20);
    proxy.heal();
    one.socket.write('c');

    await vi.waitFor(() => expect(one.text()).toBe('abc'));
  });

  test('throttles', async () => {
    const one = await client();
    await exchange(one, 'a');
    proxy.trouble({ bytesPerSecond: 10_000 }, 'down');
    const began = performance.now();

    one.socket.write('x'.repeat(2000));
    await vi.waitFor(() => expect(one.text()).toHaveLength(2001), { timeout: 5000 });

    expect(performance.now() - began).toBeGreaterThan(150);
  });

  test('cuts after so many bytes', async () => {
    const one = await client();
    await exchange(one, 'a');
    proxy.trouble({ cutAfterBytes: 3 }, 'down');

    one.socket.write('bcdefg');
    await once(one.socket, 'close');

    expect(one.text()).toBe('abcd');
  });

  test('turns one bit, once', async () => {
    const one = await client();
    await exchange(one, 'a');
    proxy.trouble({ corrupt: true }, 'down');

    one.socket.write('bcd');
    await vi.waitFor(() => expect(one.text()).toBe('abce'));
    one.socket.write('bcd');

    await vi.waitFor(() => expect(one.text()).toBe('abcebcd'));
  });

  test('resets', async () => {
    const one = await client();
    await exchange(one, 'a');

    proxy.cut('reset');

    await vi.waitFor(() => expect(one.failure()).toBe('ECONNRESET'));
  });

  test('resets also what is about to end', async () => {
    const one = await client();
    await exchange(one, 'a');

    proxy.cut('end');
    proxy.cut('reset');

    await vi.waitFor(() => expect(proxy.links).toEqual([]));
  });

  test('ends in an orderly way', async () => {
    const one = await client();
    await exchange(one, 'a');

    proxy.cut('end');
    await once(one.socket, 'close');

    expect(one.failure()).toBeUndefined();
    await vi.waitFor(() => expect(proxy.links).toEqual([]));
  });

  test('refuses new connections, and takes them again at the same port', async () => {
    const old = await client();
    await exchange(old, 'a');
    const { port } = proxy;

    await proxy.refuse();
    await expect(client()).rejects.toThrow('ECONNREFUSED');
    await exchange(old, 'b');
    await Promise.all([proxy.listen(), proxy.listen()]);

    expect(proxy.port).toBe(port);
    await exchange(await client(), 'c');
  });

  test('closes a connection whose target is not there', async () => {
    target.close();
    for (const socket of atTarget) socket.destroy();
    await pause(10);

    const one = await client();
    await once(one.socket, 'close');

    expect(one.text()).toBe('');
  });
});
