import { describe, expect, test } from 'vitest';
import { Rig } from './open-fake.ts';

async function stateOf(promise: Promise<unknown>): Promise<string> {
  const settled = promise.then(
    () => 'resolved',
    () => 'rejected',
  );
  // A turn later than all that is settled already.
  const pending = new Promise<string>((resolve) => setImmediate(() => resolve('pending')));
  return Promise.race([settled, pending]);
}

/** A queue that is drained while one key is in work. */
async function drainWithWork() {
  const rig = new Rig();
  const engine = await rig.open();
  await engine.add('a');
  await rig.take(engine);
  return { rig, engine, drained: engine.drain(undefined) };
}

describe('a shutdown', () => {
  test('tells everybody at once, and leaves what is queued to others', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    const waiting = engine.get();
    await rig.settle();

    engine.shutDown();

    expect(await waiting).toEqual({ item: undefined, shutdown: true });
    await engine.add('late');
    expect(await engine.get()).toEqual({ item: undefined, shutdown: true });
    await rig.settle();
    expect(rig.broker.connections.size).toBe(0);
    expect(rig.clock.pending).toBe(0);
  });

  test('keeps the connection until what is in work is done, and its retry is confirmed', async () => {
    const { rig, engine, drained } = await drainWithWork();
    await rig.settle();
    expect(await stateOf(drained)).toBe('pending');

    void engine.add('a', { afterMs: 4000 });
    engine.done('a');

    await drained;
    expect(rig.broker.queue('wq.pods.v1.n4.delay.4000').bodies).toEqual(['a']);
    expect(rig.broker.connections.size).toBe(0);
    const left = [...rig.broker.queues.values()].map(({ counts }) => counts.messages);
    expect(left.reduce((sum, messages) => sum + messages, 0)).toBe(1);
  });

  test('keeps a short delay of what is in work by giving its message back', async () => {
    const { rig, engine, drained } = await drainWithWork();

    await engine.add('a', { rateLimited: true });
    engine.done('a');

    await drained;
    const other = await rig.open();
    expect(await rig.take(other)).toBe('a');
  });

  test('ends the wait of a drain', async () => {
    const { rig, engine, drained } = await drainWithWork();

    engine.shutDown();

    await drained;
    engine.done('a');
    await rig.settle();
    expect(rig.broker.connections.size).toBe(0);
  });

  test('can be waited for as long as one likes', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('a');
    await rig.take(engine);
    const controller = new AbortController();
    const drained = engine.drain(controller.signal);

    controller.abort(new Error('enough'));

    await expect(drained).rejects.toThrow('enough');
    expect(engine.isShuttingDown).toBe(true);
  });

  test('waits for the broker when there are additions that it does not have', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    rig.broker.isDown = true;
    rig.broker.cut();
    const added = engine.add('a');
    const drained = engine.drain(undefined);
    await rig.pass(20_000);
    expect(await stateOf(drained)).toBe('pending');

    rig.broker.isDown = false;
    await rig.pass(6000);

    await drained;
    await added;
  });
});

describe('a close', () => {
  test('rejects what is not confirmed, makes what is in work stale, and leaves no timer', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await engine.add('a');
    const run = await rig.tryTake(engine);
    rig.broker.isMute = true;
    const added = engine.add('b');
    const flushed = engine.flushed(undefined);

    await engine.close();

    await expect(added).rejects.toThrow('Cannot publish to queue "pods": the queue is closed');
    await expect(flushed).rejects.toThrow('the queue is closed');
    expect(run?.signal?.aborted).toBe(true);
    expect(rig.broker.connections.size).toBe(0);
    expect(rig.clock.pending).toBe(0);
    expect(engine.describe().connections).toEqual({ publishing: 'closed', consuming: 'closed' });
  });

  test('ends the wait of a drain, whatever is in work', async () => {
    const { rig, engine, drained } = await drainWithWork();
    await rig.settle();

    const before = await stateOf(drained);
    await engine.close();
    const after = engine.drain(undefined);
    await rig.settle();

    expect(before).toBe('pending');
    expect([await stateOf(drained), await stateOf(after)]).toEqual(['resolved', 'resolved']);
  });

  test('leaves no timer when others have just been greeted', async () => {
    const rig = new Rig();
    // One that gives itself the name of another is not heard by it.
    const deaf = await rig.open({ identity: 'the same' });
    await rig.join(deaf);
    await rig.pass(1000);
    const engine = await rig.open({ identity: 'the same' });
    const waiting = engine.get();
    await rig.settle();
    const consumes = engine.describe().connections.consuming;

    await Promise.all([engine.close(), deaf.close()]);
    await rig.settle();

    expect(await waiting).toEqual({ item: undefined, shutdown: true });
    expect(consumes).toBe('connecting');
    expect(rig.clock.pending).toBe(0);
  });

  test('of a queue that is not reached ends the attempts', async () => {
    const rig = new Rig();
    const engine = await rig.open();
    await rig.join(engine);
    rig.broker.isDown = true;
    rig.broker.cut();
    await rig.pass(1000);

    await engine.close();

    expect(rig.clock.pending).toBe(0);
  });
});
