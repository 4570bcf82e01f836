import { describe, expect, test } from 'vitest';
import type { Engine } from '../src/engine.ts';
import { Rig } from './open-fake.ts';

/** Takes all keys that are there, the most urgent first, each with its priority. */
async function takeAll(rig: Rig, engine: Engine): Promise<(readonly [string, number])[]> {
  const taken: (readonly [string, number])[] = [];
  for (;;) {
    const run = await rig.tryTake(engine);
    if (run === undefined) return taken;
    taken.push([run.item, run.priority ?? 0]);
    engine.done(run.item);
  }
}

describe('the priority of a key', () => {
  test('may be lower than that of a key that was added with none', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('low', { priority: -100 });
    await engine.add('none');
    await rig.join(engine);

    expect(await takeAll(rig, engine)).toEqual([
      ['none', 0],
      ['low', -100],
    ]);
  });

  test('rises when the key is added again with a higher one while it waits', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    await engine.add('first', { priority: -100 });
    await engine.add('second', { priority: -100 });

    await engine.add('second');
    await rig.settle();

    expect(await takeAll(rig, engine)).toEqual([
      ['second', 0],
      ['first', -100],
    ]);
  });

  test('is that of the additions made while the key was worked on, not that of the work', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('a', { priority: 5 });
    await engine.add('b', { priority: 4 });
    await rig.take(engine);
    await rig.take(engine);
    await engine.add('a', { priority: -1 });
    await engine.add('b', { priority: 3 });
    await engine.add('b', { priority: 7 });
    await rig.settle();

    engine.done('a');
    engine.done('b');

    expect(await takeAll(rig, engine)).toEqual([
      ['b', 7],
      ['a', -1],
    ]);
  });

  test('is kept by a short delay during the work, low or high', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('low');
    await engine.add('high');
    await rig.take(engine);
    await rig.take(engine);
    void engine.add('low', { afterMs: 100, priority: -100 });
    void engine.add('high', { afterMs: 100, priority: 100 });
    engine.done('low');
    engine.done('high');

    await rig.pass(100);

    expect(await takeAll(rig, engine)).toEqual([
      ['high', 100],
      ['low', -100],
    ]);
  });

  test('is that of the one that is delayed when that outlasts work on the key', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    await engine.add('a', { afterMs: 500, priority: 9 });
    await engine.add('a');
    await rig.take(engine);
    engine.done('a');

    await rig.pass(500);

    expect(await takeAll(rig, engine)).toEqual([['a', 9]]);
  });
});
