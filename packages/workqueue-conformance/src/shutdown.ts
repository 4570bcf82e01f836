import assert from 'node:assert/strict';
import { type Handle, itemOf } from './handle.ts';
import { quietly } from './quietly.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';

/** Shutdown, with and without drain, whatever becomes of what is queued. */
export function shutdownContract({ abilities, test }: Section): void {
  test('after shutdown an addition is ignored without a word', async (stage) => {
    const queue = await stage.open();
    await queue.shutDown();

    await queue.add('a');

    assert.equal(queue.shuttingDown, true);
    await queue.isShutDown();
    await stage.pace.calm();
    await queue.isShutDown();
  });

  test('shutdown wakes every waiting get', async (stage) => {
    const queue = await stage.open();
    const gets = Array.from({ length: 20 }, () => queue.get());
    await stage.pace.calm();
    assert.equal(queue.shuttingDown, false);

    await queue.shutDown();

    const results = await stage.pace.soon('the end of every wait', Promise.all(gets));
    assert.ok(results.every((result) => result.shutdown));
  });

  test('a plain shutdown does not wait for items in work, and may be called again', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();

    await queue.shutDown();
    await queue.shutDown();

    assert.equal(queue.shuttingDown, true);
    await queue.isShutDown();
    await queue.done('a');
    await queue.isShutDown();
  });

  if (abilities.delays)
    test('after shutdown a delayed addition is ignored without a word', async (stage) => {
      const queue = await stage.open();
      await queue.shutDown();

      await queue.addAfter('a', stage.delayMs / 2);

      await stage.pace.pass(stage.delayMs);
      await queue.isShutDown();
    });

  if (abilities.delays && !abilities.keepsAfterShutdown)
    test('shutdown drops what waits for its time', async (stage) => {
      const queue = await stage.open();
      const startMs = stage.pace.now();
      await queue.addAfter('a', stage.delayMs);

      await queue.shutDown();
      stage.isInTime(startMs, stage.delayMs);

      await stage.pace.pass(1.5 * stage.delayMs);
      await queue.isShutDown();
    });

  if (abilities.handsOutAfterShutdown)
    test('after shutdown what is queued is still handed out, then every get is told', async (stage) => {
      const queue = await stage.open();
      await queue.addAll('a', 'b');
      await stage.hasLength(queue, 2);
      await queue.shutDown();

      assert.deepEqual((await queue.takeMany(2)).toSorted(), ['a', 'b']);
      await queue.isShutDown();
      await queue.isShutDown();
    });
  else
    test('after shutdown nothing is handed out, and every get is told', async (stage) => {
      const queue = await stage.open();
      await queue.addAll('a', 'b');
      await stage.hasLength(queue, 2);

      await queue.shutDown();

      await queue.isShutDown();
      await queue.isShutDown();
    });
}

/** What a drain waits for. */
export function drainContract(section: Section): void {
  const { test } = section;

  test('a drain does not end before every item in work is done', async (stage) => {
    const queue = await stage.open();
    await queue.addAll('a', 'b');
    await queue.takeMany(2);
    const drained = queue.drain();

    await stage.isQuiet('a drain ended while two items are in work', drained);
    await queue.done('a');
    await stage.isQuiet('a drain ended while an item is in work', drained);
    await queue.done('b');

    await stage.pace.soon('the end of the drain', drained);
  });

  test('a drain with nothing in work ends at once, and the queue is shut down', async (stage) => {
    const queue = await stage.open();

    await stage.pace.soon('the end of the drain', queue.drain());

    assert.equal(queue.shuttingDown, true);
    await queue.add('a');
    await queue.isShutDown();
  });

  test('a drain does not wait for queued items that nobody fetches', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');

    await stage.pace.soon('the end of the drain', queue.drain());
  });

  test('a plain shutdown during a drain ends the drain although items are never done', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();
    const drains = [queue.drain(), queue.drain()];
    await stage.isQuiet('a drain ended while an item is in work', ...drains);

    await queue.shutDown();

    await stage.pace.soon('the end of both drains', Promise.all(drains));
  });

  test('a drain can be aborted, and the queue stays shut down', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();
    const controller = new AbortController();
    const drains = [queue.drain({ signal: controller.signal })];
    await stage.isQuiet('a drain ended while an item is in work', ...drains);

    controller.abort('no time');
    drains.push(queue.drain({ signal: controller.signal }));

    const ends = await stage.pace.soon('the end of both drains', Promise.allSettled(drains));
    const rejected = { status: 'rejected', reason: 'no time' };
    assert.deepEqual(ends, [rejected, rejected]);
    assert.equal(queue.shuttingDown, true);
  });

  if (section.abilities.handsOutAfterShutdown) drainHandsOut(section);
}

/** A queue that drains while its item is in work, which was added again before. */
async function drainWithMoreWork(
  stage: Stage,
): Promise<{ readonly queue: Handle; readonly drained: Promise<void> }> {
  const queue = await stage.open();
  await queue.add('a');
  await queue.take();
  await queue.add('a');
  await stage.pace.calm();
  return { queue, drained: queue.drain() };
}

/** A drain of a queue that hands out to the end. */
function drainHandsOut({ test }: Section): void {
  test('a drain goes on while workers fetch what is queued', async (stage) => {
    const queue = await stage.open();
    await queue.addAll('a', 'b', 'c');
    await stage.hasLength(queue, 3);
    const worked: string[] = [];
    const worker = quietly(async () => {
      // The queue itself: a worker that takes its time between done and get is not waited for.
      for await (const item of queue.queue) {
        await stage.pace.breathe();
        worked.push(item);
        await queue.queue.done(item);
      }
    });

    await stage.pace.soon('the end of the drain', queue.drain());

    assert.deepEqual(worked.toSorted(), ['a', 'b', 'c']);
    await stage.pace.soon('the end of the worker', worker);
  });

  test('during a drain get says shut down while a re-added item is in work, and hands it out after done', async (stage) => {
    const { queue, drained } = await drainWithMoreWork(stage);
    await queue.isShutDown();

    await queue.done('a');
    const again = await stage.pace.soon('the next run', queue.get());
    await queue.done('a');

    assert.equal(itemOf(again), 'a');
    await queue.isShutDown();
    await stage.pace.soon('the end of the drain', drained);
  });

  test('during a drain what was already put back is not lost when the drain ends first', async (stage) => {
    const { queue, drained } = await drainWithMoreWork(stage);

    await queue.done('a');
    await stage.pace.soon('the end of the drain', drained);

    assert.equal(await queue.take(), 'a');
  });
}
