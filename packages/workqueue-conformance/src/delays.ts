import assert from 'node:assert/strict';
import { itemOf } from './handle.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';

/** Items that are added later. */
export function delaysContract(section: Section): void {
  const { test } = section;

  test('a delayed item comes when its delay has passed, and not before', async (stage) => {
    const queue = await stage.open();
    const dueMs = stage.pace.now() + stage.delayMs;
    await queue.addAfter('a', stage.delayMs);
    await stage.hasLength(queue, 0);

    const result = await stage.pace.onTime('a delayed item', queue.get(), dueMs);

    assert.equal(itemOf(result), 'a');
    await queue.done('a');
    assert.deepEqual(await stage.workOff(0, queue), []);
  });

  test('an addition can be put off by an option', async (stage) => {
    const queue = await stage.open();
    const dueMs = stage.pace.now() + stage.delayMs;
    await queue.add('a', { afterMs: stage.delayMs });

    const result = await stage.pace.onTime('an item put off', queue.get(), dueMs);

    assert.equal(itemOf(result), 'a');
  });

  test('a delay of zero or less adds at once', async (stage) => {
    const queue = await stage.open();
    await queue.addAfter('a', 0);
    await queue.addAfter('b', -1);
    await queue.addAfter('c', -1e300);
    await queue.add('d', { afterMs: 0 });

    const items = (await queue.takeMany(4)).toSorted();

    assert.deepEqual(items, ['a', 'b', 'c', 'd']);
  });

  test('a shorter delay that is asked for later than a longer one of another item ends first', async (stage) => {
    const queue = await stage.open();
    const startMs = stage.pace.now();
    await queue.addAfter('late', 3 * stage.delayMs);
    await queue.addAfter('soon', stage.delayMs);
    stage.isInTime(startMs, 2 * stage.delayMs);

    const first = await stage.pace.onTime('the shorter', queue.get(), startMs + stage.delayMs);
    const last = await stage.pace.onTime('the longer', queue.get(), startMs + 3 * stage.delayMs);

    assert.deepEqual([itemOf(first), itemOf(last)], ['soon', 'late']);
  });

  test('delayed items come in the order of their times, whatever the order in which they were delayed', async (stage) => {
    const queue = await stage.open();
    const startMs = stage.pace.now();
    const order = [3, 1, 4, 2];
    for (const place of order) await queue.addAfter(`${place}`, (place * stage.delayMs) / 2);
    stage.isInTime(startMs, stage.delayMs / 2);

    const items: string[] = [];
    for (const place of order.toSorted((a, b) => a - b)) {
      const dueMs = startMs + (place * stage.delayMs) / 2;
      items.push(itemOf(await stage.pace.onTime(`item ${place}`, queue.get(), dueMs)));
    }

    assert.deepEqual(items, ['1', '2', '3', '4']);
  });

  mergedDelays(section);
  delaysAndAdditions(section);
}

/** Several delays of one item. */
function mergedDelays({ abilities, test }: Section): void {
  const orders = { 'the earlier first': [1, 2], 'the later first': [2, 1] };
  for (const [order, delays] of Object.entries(orders))
    if (abilities.mergesDelays)
      test(`an item that is delayed twice comes once, at the earlier time: ${order}`, async (stage) => {
        assert.deepEqual(await comesLater(stage, delays), []);
      });
    else
      test(`an item that is delayed twice comes at the earlier time, and at most once more: ${order}`, async (stage) => {
        const later = await comesLater(stage, delays);

        assert.deepEqual(later, later.slice(0, 1));
      });

  test('after it came, an item can be delayed anew', async (stage) => {
    const queue = await stage.open();
    for (let round = 0; round < 2; round += 1) {
      const dueMs = stage.pace.now() + stage.delayMs;
      await queue.addAfter('a', stage.delayMs);
      await stage.pace.onTime('a delayed item', queue.get(), dueMs);
      await queue.done('a');
    }

    assert.deepEqual(await stage.workOff(0, queue), []);
  });
}

/** Delays an item twice, fails unless it comes at the earlier time, and returns what comes after that. */
async function comesLater(stage: Stage, delays: readonly number[]): Promise<string[]> {
  const queue = await stage.open();
  const startMs = stage.pace.now();
  for (const delay of delays) await queue.addAfter('a', delay * stage.delayMs);
  stage.isInTime(startMs, stage.delayMs);

  const dueMs = startMs + stage.delayMs;
  const first = await stage.pace.onTime('the earlier delay', queue.get(), dueMs);
  assert.equal(itemOf(first), 'a');
  await queue.done('a');
  await stage.pace.pass(1.5 * stage.delayMs);
  return stage.workOff(0, queue);
}

/** Delays of items that are queued, in work, or added at once as well. */
function delaysAndAdditions({ abilities, test }: Section): void {
  test('an item that is added while it waits for its time comes at once, and at most once more', async (stage) => {
    const queue = await stage.open();
    await queue.addAfter('a', stage.delayMs);
    await queue.add('a');

    const atOnce = await queue.take();
    await queue.done('a');
    await stage.pace.pass(1.5 * stage.delayMs);
    const later = await stage.workOff(0, queue);

    assert.deepEqual([atOnce, ...later], ['a', 'a'].slice(0, 1 + later.length));
  });

  test('an item whose time comes while it is queued stays queued', async (stage) => {
    const queue = await stage.open();
    await queue.addAfter('a', stage.delayMs);
    await queue.add('a');
    await stage.pace.pass(1.5 * stage.delayMs);

    const items = await stage.workOff(1, queue);

    assert.deepEqual(items, abilities.collapsesAdditions ? ['a'] : items.slice(0, 2));
  });

  test('an item whose time comes while it is in work comes again after done', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();
    await queue.addAfter('a', stage.delayMs);
    await stage.pace.pass(1.5 * stage.delayMs);
    const again = queue.get();
    await stage.isQuiet('an item that is in work was handed out again', again);

    await queue.done('a');

    assert.equal(itemOf(await stage.pace.soon('the next run', again)), 'a');
  });

  test('an item that is done before its time comes at its time', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();
    const dueMs = stage.pace.now() + stage.delayMs;
    await queue.addAfter('a', stage.delayMs);
    await queue.done('a');

    const result = await stage.pace.onTime('a delayed item', queue.get(), dueMs);

    assert.equal(itemOf(result), 'a');
  });

  test('a delayed item holds up no other', async (stage) => {
    const queue = await stage.open();
    await queue.addAfter('late', 100 * stage.delayMs);
    await queue.add('now');

    assert.equal(await queue.take(), 'now');
  });
}
