import { describe, expect, test } from 'vitest';
import type { Engine } from '../src/engine.ts';
import { Rig } from './open-fake.ts';

const options = { ackTimeoutMs: 10_000, takeoverGraceMs: 2000 };

/** The greatest age of a message that is held, by the order of the tags: how many renewals there were. */
function renewals(rig: Rig): number {
  return rig.broker.published.filter(({ headers }) => headers?.['ren'] !== undefined).length;
}

function windowFill(engine: Engine): number {
  return engine.describe().partitions.reduce((sum, { windowFill: fill }) => sum + fill, 0);
}

describe('a message that is held for half the acknowledgement timeout', () => {
  test('is renewed while its key waits, and makes no second run', async () => {
    const rig = new Rig();
    const engine = await rig.open(options);
    await rig.join(engine);
    await engine.add('a');

    await rig.pass(60_000);

    expect(renewals(rig)).toBeGreaterThanOrEqual(8);
    expect(windowFill(engine)).toBe(1);
    expect(await rig.take(engine)).toBe('a');
    engine.done('a');
    expect(await rig.tryTake(engine)).toBeUndefined();
    expect(windowFill(engine)).toBe(0);
  });

  test('is renewed while its key is in work, and makes no second run', async () => {
    const rig = new Rig();
    const engine = await rig.open(options);
    await engine.add('a');
    const run = await rig.tryTake(engine);

    await rig.pass(60_000);

    expect(renewals(rig)).toBeGreaterThanOrEqual(8);
    expect(run?.signal?.aborted).toBe(false);
    engine.done('a');
    expect(await rig.tryTake(engine)).toBeUndefined();
    expect(windowFill(engine)).toBe(0);
  });

  test('is renewed when it came while its key was in work, and makes the one more run', async () => {
    const rig = new Rig();
    const engine = await rig.open(options);
    await engine.add('a');
    await rig.take(engine);
    await engine.add('a');

    await rig.pass(30_000);
    engine.done('a');

    expect(await rig.take(engine)).toBe('a');
    engine.done('a');
    expect(await rig.tryTake(engine)).toBeUndefined();
    expect(windowFill(engine)).toBe(0);
  });

  test('is held back by the next owner like any that may be in work', async () => {
    const rig = new Rig();
    const engine = await rig.open(options);
    await engine.add('a');
    await rig.take(engine);
    const other = await rig.open(options);
    await rig.join(other);
    rig.broker.isMute = true;
    await rig.pass(5600);
    rig.broker.isMute = false;

    // The copy is sent by the new connection, and the message of the run comes back beside it.
    rig.broker.cut(...[...rig.broker.connections].slice(0, 2));
    await rig.settle();

    expect(await rig.tryTake(other)).toBeUndefined();
  });
});
