import { describe, expect, test } from 'vitest';
import { partitionOf } from '../src/partition.ts';
import { Rig } from './open-fake.ts';

const level = (rig: Rig, ms: number): string[] =>
  rig.broker.queue(`wq.pods.v1.n4.delay.${ms}`).bodies;

describe('a delay', () => {
  test('of less than the shortest level is held by the owner, by the message itself', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);

    await engine.add('a', { afterMs: 900 });
    await rig.clock.settle();

    expect(engine.describe().waiting).toEqual([{ item: 'a', readyInMs: 900 }]);
    await rig.pass(899);
    expect(await rig.tryTake(engine)).toBeUndefined();
    await rig.pass(1);
    expect(await rig.take(engine)).toBe('a');
  });

  test('of a retry of less than the shortest level costs no message', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('a');
    await rig.take(engine);
    const before = rig.broker.published.length;

    await engine.add('a', { rateLimited: true });
    engine.done('a');

    await rig.pass(5);
    expect(await rig.take(engine)).toBe('a');
    expect(rig.broker.published.length).toBe(before);
  });

  test('goes down the ladder, never early and hardly late', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);

    await engine.add('a', { afterMs: 22_300 });
    expect(level(rig, 16_000)).toEqual(['a']);

    await rig.pass(22_299);
    expect(await rig.tryTake(engine)).toBeUndefined();
    await rig.pass(1);
    expect(await rig.take(engine)).toBe('a');
    const hops = rig.broker.published.filter(({ body }) => body === 'a');
    expect(hops.map(({ exchange }) => exchange.replace('wq.pods.v1.n4', ''))).toEqual([
      '.delay.16000',
      '',
      '.delay.4000',
      '',
      '.delay.1000',
      '',
      '.delay.1000',
      '',
    ]);
  });

  test.for([[Number.MAX_SAFE_INTEGER], [Number.MAX_VALUE]])(
    'of %s ms, which is as good as for ever, does not end after the longest level',
    async ([afterMs]) => {
      const rig = new Rig();
      const engine = await rig.open();
      await rig.join(engine);

      await engine.add('a', { afterMs });
      await rig.pass(1_024_000 + 1000);

      expect(await rig.tryTake(engine)).toBeUndefined();
      expect(level(rig, 1_024_000)).toEqual(['a']);
    },
  );

  test('does not hold up a shorter one', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    await engine.add('long', { afterMs: 5000 });
    await engine.add('short', { afterMs: 1000 });

    await rig.pass(1000);

    expect(await rig.take(engine)).toBe('short');
  });

  test('passes although nobody works on the queue meanwhile', async () => {
    const rig = new Rig();
    const producer = await rig.open();
    await producer.add('a', { afterMs: 16_000 });
    await producer.close();
    await rig.pass(16_000);

    const worker = await rig.open();

    expect(await rig.take(worker)).toBe('a');
  });

  test('outlives its owner and the connection to the broker', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('a');
    await rig.take(engine);
    await engine.add('a', { afterMs: 4000 });
    engine.done('a');
    await rig.clock.settle();

    rig.broker.cut();
    await rig.pass(3999);
    expect(await rig.tryTake(engine)).toBeUndefined();
    await rig.pass(1);

    expect(await rig.take(engine)).toBe('a');
  });

  test('is not made longer by a clock that is set back', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    await engine.add('a', { afterMs: 1500 });

    rig.epochOffsetMs -= 3_600_000;
    await rig.pass(1500);

    expect(await rig.take(engine)).toBe('a');
  });

  test('does not keep the key from running now, and comes once more', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    await engine.add('a', { afterMs: 1000 });

    await engine.add('a');

    expect(await rig.take(engine)).toBe('a');
    engine.done('a');
    await rig.pass(1000);
    expect(await rig.take(engine)).toBe('a');
  });
});

describe('the message of a run', () => {
  test('is acknowledged only after its retry is confirmed', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('a');
    await rig.take(engine);

    rig.broker.isMute = true;
    const retried = engine.add('a', { afterMs: 5000 });
    engine.done('a');
    await rig.clock.settle();
    expect(windowFill(engine)).toBe(1);

    rig.broker.isMute = false;
    [...rig.broker.connections][0]?.cut();
    await rig.pass(200);

    await retried;
    await rig.clock.settle();
    expect(windowFill(engine)).toBe(0);
    expect(level(rig, 4000)).toEqual(['a']);
  });
});

describe('the number of failures', () => {
  test('goes with the key to the next owner', async () => {
    const rig = new Rig();
    const first = await rig.open();
    await first.add('a');
    for (let failures = 0; failures < 9; failures += 1) {
      await rig.take(first);
      await first.add('a', { rateLimited: true });
      first.done('a');
      await rig.pass(5 * 2 ** failures);
    }
    expect(first.numRequeues('a')).toBe(9);
    const second = await rig.open();
    await rig.join(second);

    await first.close();
    await rig.pass(1000);
    await rig.take(second);

    expect(second.numRequeues('a')).toBe(9);
    const retriedAt = rig.broker.published.length;
    await second.add('a', { rateLimited: true });
    expect(rig.broker.published[retriedAt]).toMatchObject({
      exchange: 'wq.pods.v1.n4.delay.1000',
      headers: { att: 10, left: 5 * 2 ** 9 - 1000 },
    });
  });

  test('is forgotten by a process that has given the partition up', async () => {
    const rig = new Rig();
    const first = await rig.open();
    const keys = Array.from({ length: 16 }, (_, index) => `k${index}`);
    for (const key of keys) {
      await first.add(key);
      await rig.take(first);
      await first.add(key, { rateLimited: true });
      first.done(key);
    }
    const second = await rig.open();
    await rig.join(second);
    await rig.pass(4000);

    const { partitions } = first.describe();
    const known = new Map(keys.map((key) => [key, first.numRequeues(key)]));
    const expected = keys.map((key) => {
      const isOwner = partitions[partitionOf(key, 4)]?.state === 'owned';
      return [key, isOwner ? 1 : 0] as const;
    });

    expect(new Set(expected.map(([, count]) => count)).size).toBe(2);
    expect(known).toEqual(new Map(expected));
  });

  test('beyond the most retries sends the key to the park queue', async () => {
    const rig = new Rig();
    const engine = await rig.open({ maxRetries: 2 });
    await engine.add('a');
    for (let failures = 0; failures < 3; failures += 1) {
      await rig.take(engine);
      await engine.add('a', { rateLimited: true });
      engine.done('a');
      await rig.pass(50);
    }

    expect(await rig.tryTake(engine)).toBeUndefined();
    expect(rig.broker.queue('wq.pods.v1.n4.park').bodies).toEqual(['a']);
    expect(engine.numRequeues('a')).toBe(0);
    expect(windowFill(engine)).toBe(0);
    expect(await inspected(engine)).toMatchObject({ parked: 1 });
  });
});

function windowFill(engine: {
  describe(): { readonly partitions: readonly { readonly windowFill: number }[] };
}): number {
  return engine.describe().partitions.reduce((sum, { windowFill: fill }) => sum + fill, 0);
}

function inspected(engine: { inspect(signal: undefined): Promise<unknown> }): Promise<unknown> {
  return engine.inspect(undefined);
}
