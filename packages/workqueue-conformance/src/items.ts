import assert from 'node:assert/strict';
import type { Section } from './section.ts';

/** What becomes of items: order, additions, done, length. */
export function itemsContract({ abilities, test }: Section): void {
  if (abilities.ordersItems)
    test('items are handed out in the order in which they were added', async (stage) => {
      const queue = await stage.open();
      await queue.addAll('a', 'b', 'c');

      assert.deepEqual(await queue.takeMany(3), ['a', 'b', 'c']);
    });
  else
    test('every item that was added is handed out, once, in whatever order', async (stage) => {
      const queue = await stage.open();
      await queue.addAll('a', 'b', 'c');

      assert.deepEqual((await queue.takeMany(3)).toSorted(), ['a', 'b', 'c']);
      await stage.isQuiet('a fourth item of three', queue.get());
    });

  test('the length counts queued items, and adding one of them again leaves it unchanged', async (stage) => {
    const queue = await stage.open();

    await stage.hasLength(queue, 0);
    await queue.add('a');
    await stage.hasLength(queue, 1);
    await queue.add('b');
    await stage.hasLength(queue, 2);
    await queue.add('b');
    await stage.pace.calm();
    if (abilities.collapsesAdditions) await stage.hasLength(queue, 2);
    await queue.take();
    await queue.take();
    if (abilities.collapsesAdditions) await stage.hasLength(queue, 0);
  });

  test('done of an item that is not in work does nothing', async (stage) => {
    const queue = await stage.open();
    await queue.add('queued');

    await queue.done('queued');
    await queue.done('unknown');

    assert.deepEqual(await stage.workOff(1, queue), ['queued']);
  });

  test('done called twice does nothing the second time', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();
    await queue.add('a');
    await stage.pace.calm();

    await queue.done('a');
    await queue.done('a');

    assert.deepEqual(await stage.workOff(1, queue), ['a']);
  });

  test('an item that is done comes again when it is added again', async (stage) => {
    const queue = await stage.open();
    for (let round = 0; round < 3; round += 1) {
      await queue.add('a');
      assert.equal(await queue.take(), 'a');
      await queue.done('a');
    }

    assert.deepEqual(await stage.workOff(0, queue), []);
  });
}

/** What becomes of additions of an item that is queued or in work already. */
export function additionsContract({ abilities, test }: Section): void {
  if (abilities.collapsesAdditions)
    test('a queued item that is added again is queued once, and keeps its place', async (stage) => {
      const queue = await stage.open();
      await queue.addAll('a', 'b', 'a', 'a');
      await stage.pace.calm();

      const items = await stage.workOff(2, queue);

      if (!abilities.ordersItems) items.sort();
      assert.deepEqual(items, ['a', 'b']);
    });
  else
    test('a queued item that is added again comes at least once, and not oftener than it was added', async (stage) => {
      const queue = await stage.open();
      await queue.addAll('a', 'b', 'a', 'a');
      await stage.pace.calm();

      const items = await stage.workOff(2, queue);

      assertRuns(items, 'b', [1, 1]);
      assertRuns(items, 'a', [1, 3]);
    });

  test('no second worker gets an item before it is done', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();
    await queue.add('a');
    const seconds = [queue.get(), queue.get()];
    await stage.isQuiet('an item that is in work was handed out again', ...seconds);

    await queue.done('a');

    const { item } = await stage.pace.soon('the next run', Promise.race(seconds));
    assert.equal(item, 'a');
  });

  test('an item in work holds up no other', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();
    await queue.add('a');

    await queue.add('b');

    assert.equal(await queue.take(), 'b');
  });

  if (abilities.collapsesAdditions)
    test('an item that is added while it is in work is handed out again after done, once', async (stage) => {
      const queue = await stage.open();
      await queue.add('a');
      await queue.take();
      for (let count = 0; count < 50; count += 1) await queue.add('a');
      await stage.pace.calm();
      await stage.hasLength(queue, abilities.countsItemsInWork ? 1 : 0);

      await queue.done('a');

      await stage.hasLength(queue, 1);
      assert.deepEqual(await stage.workOff(1, queue), ['a']);
      await stage.hasLength(queue, 0);
    });
  else
    test('an item that is added while it is in work is handed out again after done', async (stage) => {
      const queue = await stage.open();
      await queue.add('a');
      await queue.take();
      for (let count = 0; count < 50; count += 1) await queue.add('a');

      await queue.done('a');

      assertRuns(await stage.workOff(1, queue), 'a', [1, 50]);
    });
}

function assertRuns(items: readonly string[], item: string, [least, most]: [number, number]): void {
  const runs = items.filter((other) => other === item).length;
  assert.ok(
    runs >= least && runs <= most,
    `${runs} runs of ${item}, where ${least} to ${most} are right`,
  );
}
