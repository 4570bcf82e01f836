import { expect, test } from 'vitest';
import type { Engine } from '../src/engine.ts';
import { FakeServer } from './fake-server.ts';

/** Takes a key that has failed so often. */
async function take(server: FakeServer, engine: Engine, failures: number): Promise<void> {
  const got = engine.get();
  await server.clock.settle();
  server.calls.at(-1)?.answer([0, -1, 0, [['a', '7', '0', `${failures}`]]]);
  await got;
}

test('a process that does not work on a key asks how often it has failed before it gives the key up', async () => {
  const server = new FakeServer();
  const engine = await server.engine({ maxRetries: 2 });
  await take(server, engine, 2);
  void engine.done('a');
  server.calls.at(-1)?.answer(1);
  await server.clock.settle();

  // Elsewhere, its failures were forgotten meanwhile.
  const added = engine.add('a', { rateLimited: true });
  server.calls.at(-1)?.answer(1);
  await server.clock.settle();
  server.calls.at(-1)?.answer(1);
  await added;

  expect(server.calls.map(({ script }) => script)).toEqual(['take', 'done', 'fail', 'add']);
});

test('a process that works on a key gives it up by itself', async () => {
  const server = new FakeServer();
  const engine = await server.engine({ maxRetries: 2 });
  await take(server, engine, 2);

  const added = engine.add('a', { rateLimited: true });
  server.calls.at(-1)?.answer(1);
  await added;

  expect(server.calls.map(({ script }) => script)).toEqual(['take', 'park']);
});

test('a key that is never to be tried again is given up without a question', async () => {
  const server = new FakeServer();
  const engine = await server.engine({ maxRetries: 0 });

  const added = engine.add('a', { rateLimited: true });
  server.calls.at(-1)?.answer(1);
  await added;

  expect(server.calls.map(({ script }) => script)).toEqual(['park']);
});
