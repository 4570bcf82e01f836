import { describe, expect, test } from 'vitest';
import type { Engine } from '../src/engine.ts';
import type { AmqpQueueOptions } from '../src/options.ts';
import type { FakeConnection } from './fake-broker.ts';
import { Rig } from './open-fake.ts';

/** The connection of an engine that consumes: the second one that it makes. */
function consuming(rig: Rig, index: number = 1): FakeConnection {
  const connection = [...rig.broker.connections][index];
  if (!connection) throw new Error('There is no such connection');
  return connection;
}

/** A process that has joined while another one has the key in work. */
async function joinedWhileInWork(
  rig: Rig,
  key: string,
  options: Partial<AmqpQueueOptions> = {},
): Promise<Engine> {
  const first = await rig.open(options);
  await first.add(key);
  await rig.take(first);
  const second = await rig.open(options);
  await rig.join(second);
  return second;
}

describe('a key that another process may be at', () => {
  test('is held back for the grace, and one that nobody has seen is not', async () => {
    const rig = new Rig();
    const second = await joinedWhileInWork(rig, 'seen', { takeoverGraceMs: 5000 });
    rig.broker.isDown = true;
    consuming(rig).cut();
    await rig.settle();

    await second.add('fresh');
    expect(await rig.take(second)).toBe('fresh');
    expect(await rig.tryTake(second)).toBeUndefined();

    await rig.pass(4999);
    expect(await rig.tryTake(second)).toBeUndefined();
    await rig.pass(1);
    expect(await rig.take(second)).toBe('seen');
  });

  test('is not held back when the grace is zero', async () => {
    const rig = new Rig();
    const second = await joinedWhileInWork(rig, 'seen');

    consuming(rig).cut();

    expect(await rig.take(second)).toBe('seen');
  });
});

describe('a run that becomes stale', () => {
  test('is told by its signal, and its done acknowledges nothing', async () => {
    const rig = new Rig();
    const engine = await rig.open({ takeoverGraceMs: 1000 });
    await engine.add('a');
    const run = await rig.tryTake(engine);
    expect(run?.signal?.aborted).toBe(false);

    consuming(rig).cut();
    await rig.settle();

    expect(run?.signal?.aborted).toBe(true);
    expect(String(run?.signal?.reason)).toMatch(/StaleRunError: The work on "a" is to end/u);
    const partition = engine.describe().partitions.find(({ processing }) => processing === 1);
    expect(partition?.stale).toBe(1);
    engine.done('a');
    await rig.pass(2000);
    expect(await rig.take(engine)).toBe('a');
  });

  test('keeps its key from being started again in its process until it is done', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('a');
    await rig.take(engine);
    consuming(rig).cut();
    await rig.pass(5000);
    expect(engine.describe().connections.consuming).toBe('connected');
    expect(await rig.tryTake(engine)).toBeUndefined();

    engine.done('a');

    expect(await rig.take(engine)).toBe('a');
    engine.done('a');
    expect(await rig.tryTake(engine)).toBeUndefined();
  });

  test('is the one of a channel that the broker closes; others go on', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('a');
    await engine.add('b');
    const taken = [await rig.tryTake(engine), await rig.tryTake(engine)];
    const queueOf = (key: string) =>
      [...consuming(rig).subscriptions].find((subscription) =>
        [...subscription.unacknowledged.values()].some(({ out }) => out.body === key),
      );

    queueOf('a')?.fail(new Error('406 delivery acknowledgement timed out'));
    await rig.settle();

    const aborted = taken.map((run) => [run?.item, run?.signal?.aborted]);
    expect(new Map(aborted as [string, boolean][])).toEqual(
      new Map([
        ['a', true],
        ['b', false],
      ]),
    );
    expect(rig.errors.join()).toMatch(/partition \d+: Error: 406/u);
  });
});

describe('a process that the broker does not answer', () => {
  test('starts nothing once its lease has run out, and asks what it does to end', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('running');
    const run = await rig.tryTake(engine);
    await engine.add('waiting');
    await rig.settle();
    expect(engine.describe().queued).toEqual(['waiting']);

    consuming(rig).isSilent = true;
    await rig.pass(3999);
    expect(run?.signal?.aborted).toBe(false);
    await rig.pass(1100);

    expect(engine.describe().leaseLeftMs).toBe(0);
    expect(run?.signal?.aborted).toBe(true);
    expect(await rig.tryTake(engine)).toBeUndefined();
  });

  test('starts what waits when the broker answers again', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('first');
    engine.done(await rig.take(engine));
    await engine.add('waiting');
    await rig.settle();
    const connection = consuming(rig);
    connection.isSilent = true;
    await rig.pass(8000);
    const waiting = engine.get();
    await rig.settle();

    connection.cut();
    await rig.pass(1000);

    expect(await waiting).toMatchObject({ item: 'waiting' });
  });

  test('starts nothing right after its host has slept', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('first');
    engine.done(await rig.take(engine));
    await engine.add('waiting');
    await rig.settle();

    rig.epochOffsetMs += 60_000;

    expect(await rig.tryTake(engine)).toBeUndefined();
    await rig.pass(1000);
    expect(await rig.take(engine)).toBe('waiting');
  });
});

describe('a partition that is given up in peace', () => {
  test('is worked on by the next owner at once, whatever the grace', async () => {
    const rig = new Rig();
    const first = await rig.open({ takeoverGraceMs: 60_000 });
    await first.add('a');
    await rig.take(first);
    await first.add('b');
    const second = await rig.open({ takeoverGraceMs: 60_000 });
    await rig.join(second);
    first.done('a');

    first.shutDown();
    await rig.settle();

    expect(await rig.take(second)).toBe('b');
  });

  test('is not trusted when the word comes long before the messages', async () => {
    const rig = new Rig();
    const first = await rig.open({ takeoverGraceMs: 60_000 });
    await rig.join(first);
    const second = await rig.open({ takeoverGraceMs: 60_000 });
    await rig.join(second);
    const third = await rig.open({ takeoverGraceMs: 60_000 });
    await rig.join(third);
    first.shutDown();
    await rig.pass(2000);
    await second.add('a');
    const owner = (await rig.tryTake(second)) ? second : third;
    const other = owner === second ? third : second;
    if (owner === third) await rig.take(third);

    for (const connection of rig.broker.connections)
      if (connection.subscriptions.size > 1 && holds(connection, 'a')) connection.cut();
    await rig.settle();

    expect(await rig.tryTake(other)).toBeUndefined();
  });
});

function holds(connection: FakeConnection, key: string): boolean {
  return [...connection.subscriptions].some((subscription) =>
    [...subscription.unacknowledged.values()].some(({ out }) => out.body === key),
  );
}
