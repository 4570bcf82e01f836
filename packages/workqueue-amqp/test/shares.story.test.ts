import { describe, expect, test } from 'vitest';
import type { Engine } from '../src/engine.ts';
import { Rig } from './open-fake.ts';

const sixteen = { partitions: 16 };

function owned(engine: Engine): number[] {
  return engine
    .describe()
    .partitions.filter(({ state }) => state === 'owned')
    .map(({ index }) => index);
}

/** Adds a key to every partition and tells who gets which: the one that the broker feeds. */
async function fed(rig: Rig, engines: readonly Engine[]): Promise<number[]> {
  for (let index = 0; index < 200; index += 1) await engines[0]?.add(`key-${index}`);
  await rig.settle();
  return engines.map(
    (engine) => engine.describe().partitions.filter(({ windowFill }) => windowFill > 0).length,
  );
}

describe('the partitions', () => {
  test('are of nobody until somebody asks for work', async () => {
    const rig = new Rig();
    const producer = await rig.open(sixteen);
    await producer.add('a');

    expect(new Set(producer.describe().partitions.map(({ state }) => state))).toEqual(
      new Set(['none']),
    );
    expect(producer.describe().members).toEqual([]);
    expect(producer.describe().connections.consuming).toBe('connecting');
  });

  test('are all of the only process that works', async () => {
    const rig = new Rig();
    const engine = await rig.open(sixteen);

    await rig.join(engine);

    expect(owned(engine)).toHaveLength(16);
  });

  test('are shared out evenly when others come, and the broker feeds those who are to have them', async () => {
    const rig = new Rig();
    const engines = [await rig.open(sixteen)];
    await rig.join(engines[0]!);
    for (let more = 0; more < 3; more += 1) {
      const engine = await rig.open(sixteen);
      engines.push(engine);
      await rig.join(engine);
      await rig.pass(2000);
    }

    expect(engines.map((engine) => owned(engine).length)).toEqual([4, 4, 4, 4]);
    expect(await fed(rig, engines)).toEqual([4, 4, 4, 4]);
  });

  test('have two processes subscribed to each, and no more', async () => {
    const rig = new Rig();
    for (let count = 0; count < 4; count += 1) {
      const engine = await rig.open(sixteen);
      await rig.join(engine);
    }
    await rig.pass(2000);

    for (let index = 0; index < 16; index += 1)
      expect(rig.broker.queue(`wq.pods.v1.n16.p${index}`).counts.consumers).toBe(2);
  });

  test('are even again after one process has ended without a word', async () => {
    const rig = new Rig();
    const engines: Engine[] = [];
    for (let count = 0; count < 4; count += 1) {
      const engine = await rig.open({ ...sixteen, identity: `p${count}` });
      engines.push(engine);
      await rig.join(engine);
    }
    await rig.pass(2000);
    const victim = engines.pop();

    // As a kill does: both connections end, and nothing is said.
    for (const connection of [...rig.broker.connections].slice(-2)) connection.isSilent = true;
    rig.broker.cut(...[...rig.broker.connections].slice(-2));
    rig.broker.isDown = true;
    await rig.pass(6000);

    expect(engines.map((engine) => owned(engine).length).toSorted((a, b) => a - b)).toEqual([
      5, 5, 6,
    ]);
    rig.broker.isDown = false;
    await victim?.close();
  });

  test('wait for runs to end before they go to another process', async () => {
    const rig = new Rig();
    const first = await rig.open(sixteen);
    await rig.join(first);
    for (let index = 0; index < 40; index += 1) await first.add(`key-${index}`);
    const running: string[] = [];
    for (let index = 0; index < 40; index += 1) running.push(await rig.take(first));

    const second = await rig.open(sixteen);
    await rig.join(second);
    await rig.pass(2000);

    const yielding = first.describe().partitions.filter(({ state }) => state === 'yielding');
    expect(yielding.length).toBeGreaterThan(0);
    expect(await rig.tryTake(second)).toBeUndefined();
    for (const key of running) first.done(key);
    await rig.pass(2000);
    expect([owned(first).length, owned(second).length]).toEqual([8, 8]);
    expect(await fed(rig, [first, second])).toEqual([8, 8]);
  });

  test('are not given up while keys are held back that another process may be at', async () => {
    const rig = new Rig();
    const slow = { ...sixteen, takeoverGraceMs: 3000 };
    const first = await rig.open(slow);
    await rig.join(first);
    for (let index = 0; index < 40; index += 1) await first.add(`key-${index}`);
    await rig.settle();
    [...rig.broker.connections][1]?.cut();
    await rig.pass(500);
    const held = (): number[] => first.describe().partitions.map(({ windowFill }) => windowFill);
    const before = held();

    const second = await rig.open(slow);
    await rig.join(second);
    await rig.pass(1000);
    expect(held()).toEqual(before);
    expect(before.reduce((sum, fill) => sum + fill, 0)).toBe(40);

    await rig.pass(3500);
    expect(await fed(rig, [first, second])).toEqual([8, 8]);
  });

  test('are announced, also to one who only asks', async () => {
    const rig = new Rig();
    const worker = await rig.open({ identity: 'worker' });
    await rig.join(worker);
    const other = await rig.open({ identity: 'other' });

    const { partitions } = await other.inspect(undefined);

    expect(partitions.map(({ owner }) => owner)).toEqual(Array(4).fill('worker'));
    expect(other.describe().members).toEqual(['worker']);
    expect(worker.describe().members).toEqual(['worker']);
  });
});
