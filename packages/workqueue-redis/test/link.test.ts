import { expect, test } from 'vitest';
import { FakeServer } from './fake-server.ts';

test('a connection that is lost is made again for ever, later each time up to five seconds', async () => {
  const server = new FakeServer();
  const link = await server.link();
  server.isAway = true;
  server.cut();
  await server.clock.stepAsync(60_000);
  const failures = server.errors.length;
  server.isAway = false;

  await server.clock.stepAsync(10_000);

  expect(failures).toBeGreaterThan(10);
  expect(failures).toBeLessThan(30);
  expect(link.state).toBe('connected');
  expect(server.connections).toBe(2);
});

test('the first connection is tried once', async () => {
  const server = new FakeServer();
  server.isAway = true;

  await expect(server.link()).rejects.toThrow('no server');

  expect(server.clock.pending).toBe(0);
});

test('a connection on which nothing is answered for a third of the lease is given up', async () => {
  const server = new FakeServer();
  const link = await server.link();
  const settled = Promise.allSettled([link.call('take', [])]);

  await server.clock.stepAsync(9999);
  const before = server.connections;
  await server.clock.stepAsync(2000);

  const [{ status }] = await settled;
  expect([before, server.connections, status]).toEqual([1, 2, 'rejected']);
});

test('a connection that answers is kept, however much is under way', async () => {
  const server = new FakeServer();
  const link = await server.link();
  const answers: Promise<unknown>[] = [];
  for (let round = 0; round < 10; round += 1) {
    answers.push(link.call('take', []));
    await server.clock.stepAsync(5000);
    server.calls[round]?.answer(1);
  }
  await Promise.all(answers);
  await server.clock.stepAsync(30_000);

  expect(server.connections).toBe(1);
  expect(server.clock.pending).toBe(0);
});

test('a call without a connection rejects at once', async () => {
  const server = new FakeServer();
  const link = await server.link();
  server.isAway = true;
  server.cut();

  await expect(link.call('take', [])).rejects.toThrow('no connection');
});

test('closing leaves no timer, also between two attempts', async () => {
  const server = new FakeServer();
  const link = await server.link();
  server.isAway = true;
  server.cut();
  await server.clock.stepAsync(1000);

  link.close();
  await server.clock.stepAsync(60_000);

  expect(link.state).toBe('closed');
  expect(server.clock.pending).toBe(0);
});

test('an attempt to connect to a server that accepts and says nothing is given up, and others follow', async () => {
  const server = new FakeServer();
  const link = await server.link();
  server.isFrozen = true;
  server.cut();
  await server.clock.stepAsync(25_000);
  const failures = server.errors.length;

  server.isFrozen = false;
  await server.clock.stepAsync(20_000);

  expect(failures).toBeGreaterThanOrEqual(2);
  expect(link.state).toBe('connected');
});

test('closing ends an attempt to connect at once', async () => {
  const server = new FakeServer();
  const link = await server.link();
  server.isFrozen = true;
  server.cut();
  await server.clock.stepAsync(1000);

  link.close();
  await server.clock.settle();

  expect(server.clock.pending).toBe(0);
});
