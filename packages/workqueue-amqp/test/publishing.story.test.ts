import { describe, expect, test } from 'vitest';
import { partitionOf } from '../src/partition.ts';
import { Rig } from './open-fake.ts';

describe('an addition', () => {
  test('is sent again by a fresh channel when the broker refuses it', async () => {
    const rig = new Rig();
    rig.broker.refuses = true;
    const engine = await rig.open();
    const added = engine.add('a');
    await rig.settle();
    expect(engine.describe().outbox).toBe(1);
    expect(rig.errors).toContain('publishing: a message: Error: message nacked');

    rig.broker.refuses = false;
    await rig.pass(200);

    await added;
    expect(engine.describe().outbox).toBe(0);
    expect(await rig.take(engine)).toBe('a');
  });

  test('goes on being refused by a channel that was refused once, so no channel is used again', async () => {
    const rig = new Rig();
    rig.broker.refuses = true;
    const engine = await rig.open();
    void engine.add('a');
    await rig.settle();
    await rig.pass(100);
    const publishers = [...rig.broker.connections].flatMap(({ publishers }) => [...publishers]);

    expect(publishers.length).toBeGreaterThan(1);
  });

  test('that is neither confirmed nor refused is sent again by a fresh connection', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    rig.broker.isMute = true;
    const added = engine.add('a');
    await rig.pass(1900);
    rig.broker.isMute = false;
    expect(engine.describe().outbox).toBe(1);

    await rig.pass(500);

    await added;
    expect(rig.errors).toContain(
      'publishing: a message: Error: The broker has confirmed nothing for 2000 ms',
    );
  });

  test('waits for the broker to come back, and is one with others of its key', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    rig.broker.isDown = true;
    rig.broker.cut();
    const added = [engine.add('a'), engine.add('a'), engine.add('b')];
    await rig.pass(60_000);
    expect(engine.describe()).toMatchObject({
      outbox: 2,
      connections: { publishing: 'connecting' },
    });

    rig.broker.isDown = false;
    await rig.pass(6000);

    await Promise.all(added);
    const keys = rig.broker.published.filter(({ isFleeting }) => !isFleeting);
    expect(keys.map(({ body }) => body)).toEqual(['a', 'b']);
  });

  test('is held back while the broker blocks publishers', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    const [connection] = rig.broker.connections;
    connection?.block(true);
    const added = engine.add('a');
    await rig.settle();
    expect(engine.describe()).toMatchObject({ outbox: 1, connections: { publishing: 'blocked' } });

    connection?.block(false);

    await added;
    expect(engine.describe().connections.publishing).toBe('connected');
  });

  test('of a key that is in work makes one more run, however often it is added', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('a');
    await rig.take(engine);
    await Promise.all(Array.from({ length: 50 }, () => engine.add('a')));
    await rig.settle();
    expect(await rig.tryTake(engine)).toBeUndefined();

    engine.done('a');

    expect(await rig.take(engine)).toBe('a');
    engine.done('a');
    expect(await rig.tryTake(engine)).toBeUndefined();
  });

  test('made many times before anybody works is one piece of work', async () => {
    const rig = new Rig();
    const producers = [await rig.open(), await rig.open(), await rig.open()];
    for (let round = 0; round < 5; round += 1)
      for (const producer of producers) await producer.add(`key-${round % 2}`);
    const worker = await rig.open();

    const taken: (string | undefined)[] = [];
    for (let count = 0; count < 3; count += 1) {
      const run = await rig.tryTake(worker);
      taken.push(run?.item);
      if (run) worker.done(run.item);
    }

    expect(new Set(taken)).toEqual(new Set(['key-0', 'key-1', undefined]));
  });

  test('made by somebody else to a partition that is not that of the key ends where it belongs', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    const wrong = `p${(partitionOf('a', 4) + 1) % 4}`;
    rig.broker.route({ exchange: 'wq.pods.v1.n4', routingKey: wrong, body: 'a' });
    await rig.settle();

    expect(await rig.take(engine)).toBe('a');
    engine.done('a');
    await rig.settle();
    const fills = engine.describe().partitions.map(({ windowFill }) => windowFill);
    expect(fills).toEqual([0, 0, 0, 0]);
  });

  test('of what is no key is refused', async () => {
    const engine = await new Rig().open();

    expect(() => engine.add(7 as unknown as string)).toThrow(TypeError);
    expect(() => engine.add('\ud800')).toThrow(/half of a surrogate pair/u);
    expect(() => engine.add('a', { afterMs: NaN })).toThrow(RangeError);
    expect(() => engine.add('a', { priority: 0.5 })).toThrow(RangeError);
  });

  test('of higher priority goes first', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('low', { priority: -1 });
    await engine.add('high', { priority: 1 });
    await rig.join(engine);

    expect([await rig.take(engine), await rig.take(engine)]).toEqual(['high', 'low']);
  });
});

describe('opening a queue', () => {
  test('fails when the broker cannot be reached, and leaves nothing behind', async () => {
    const rig = new Rig();
    rig.broker.isDown = true;

    await expect(rig.open()).rejects.toThrow('Cannot open queue "pods": connect ECONNREFUSED');

    expect(rig.clock.pending).toBe(0);
  });

  test('tries every url once', async () => {
    const rig = new Rig();
    rig.broker.isDown = true;
    const opening = rig.open({ urls: ['amqp://one', 'amqp://two'] });
    queueMicrotask(() => (rig.broker.isDown = false));

    const engine = await opening;

    expect(engine.describe().connections.publishing).toBe('connected');
  });

  test('can be given up', async () => {
    const rig = new Rig();
    const engine = rig.engine();

    await expect(engine.open(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  test('is refused when there is another number of partitions, and changes nothing', async () => {
    const rig = new Rig();
    await (await rig.open({ partitions: 4 })).close();
    const before = [...rig.broker.queues.keys(), ...rig.broker.exchanges.keys()];

    await expect(rig.open({ partitions: 8 })).rejects.toThrow(
      /it is to have 8 partitions, and has 4 at the broker/u,
    );

    expect([...rig.broker.queues.keys(), ...rig.broker.exchanges.keys()]).toEqual(before);
  });

  test('is refused when a queue is of another kind, and changes nothing', async () => {
    const rig = new Rig();
    rig.broker.declareQueue({ name: 'wq.pods.v1.n4.p2', arguments: {} });

    await expect(rig.open()).rejects.toThrow(
      /x-queue-type of the queue "wq.pods.v1.n4.p2" is to be quorum/u,
    );

    expect([...rig.broker.queues.keys()]).toEqual(['wq.pods.v1.n4.p2']);
    expect(rig.broker.exchanges.size).toBe(0);
  });

  test('declares again what is deleted while keys are added, and loses none that is confirmed after that', async () => {
    const rig = new Rig();
    const engine = await rig.open({ partitions: 1 });
    rig.broker.queues.delete('wq.pods.v1.n1.p0');

    const added = engine.add('a');
    await rig.pass(5000);

    await added;
    expect(await rig.take(engine)).toBe('a');
  });

  test('declares again what is deleted while keys are worked on', async () => {
    const rig = new Rig();
    const engine = await rig.open({ partitions: 1 });
    await rig.join(engine);
    const queue = rig.broker.queue('wq.pods.v1.n1.p0');
    rig.broker.queues.delete('wq.pods.v1.n1.p0');
    for (const consumer of queue.consumers) consumer.fail(new Error('the queue is gone'));
    await rig.pass(5000);

    await engine.add('a');

    expect(await rig.take(engine)).toBe('a');
  });

  test('declares again what was deleted while the connection was away', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    rig.broker.queues.delete('wq.pods.v1.n4.park');

    rig.broker.cut();
    await rig.pass(500);

    expect(rig.broker.queues.has('wq.pods.v1.n4.park')).toBe(true);
    expect(engine.describe().connections.publishing).toBe('connected');
  });
});
