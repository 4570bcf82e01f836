import { describe, expect, test } from 'vitest';
import { FakeServer } from './fake-server.ts';

/** Whether a promise has settled once all has happened that needs no time. */
async function isSettled(server: FakeServer, promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await server.clock.settle();
  return settled;
}

describe('a drain', () => {
  test('waits for keys that are on their way to this process, and gives them back', async () => {
    const server = new FakeServer();
    const engine = await server.engine();
    const got = engine.get();
    await server.clock.settle();

    const drained = engine.drain(undefined);
    const before = await isSettled(server, drained);
    server.calls[0]?.answer([0, -1, 0, [['a', '7', '0', '0']]]);
    await server.clock.settle();
    server.calls[1]?.answer(1);
    await drained;

    expect(await got).toEqual({ item: undefined, shutdown: true });
    expect(before).toBe(false);
    expect(server.calls.map(({ script, args }) => [script, ...args.slice(0, 2)])).toEqual([
      ['take', '30000000', '1'],
      ['giveBack', 'a', '7'],
    ]);
    expect(server.clock.pending).toBe(0);
  });

  test('does not wait for keys that were asked for when the connection was lost', async () => {
    const server = new FakeServer();
    const engine = await server.engine();
    void engine.get();
    await server.clock.settle();
    const drained = engine.drain(undefined);

    server.cut();

    expect(await isSettled(server, drained)).toBe(true);
    expect(server.clock.pending).toBe(0);
  });

  test('ends with a close, whatever is in work', async () => {
    const server = new FakeServer();
    const engine = await server.engine();
    const got = engine.get();
    await server.clock.settle();
    server.calls[0]?.answer([0, -1, 0, [['a', '7', '0', '0']]]);
    await got;
    const drained = engine.drain(undefined);

    await engine.close();

    expect(await isSettled(server, drained)).toBe(true);
    expect(await isSettled(server, engine.drain(undefined))).toBe(true);
  });

  test('waits for both steps of a retry that was asked for before', async () => {
    const server = new FakeServer();
    const engine = await server.engine();
    const added = engine.add('a', { rateLimited: true });
    const flushed = engine.flushed(undefined);
    const drained = engine.drain(undefined);
    await server.clock.settle();

    server.calls[0]?.answer(1);
    const before = [await isSettled(server, flushed), await isSettled(server, drained)];
    server.calls[1]?.answer(1);
    await Promise.all([added, flushed, drained]);

    expect(server.calls.map(({ script }) => script)).toEqual(['fail', 'add']);
    expect(before).toEqual([false, false]);
  });
});
