import assert from 'node:assert/strict';
import type { Section } from './section.ts';

/** Which item goes first where priorities are known, and that they do no harm where they are not. */
export function prioritiesContract({ abilities, test }: Section): void {
  if (!abilities.priorities) {
    test('a queue that knows no priorities takes them without a word', async (stage) => {
      const queue = await stage.open();
      await queue.add('a', { priority: 10 });
      await queue.add('b', { priority: -10 });

      assert.deepEqual((await queue.takeMany(2)).toSorted(), ['a', 'b']);
    });
    return;
  }

  test('the higher priority goes first, and get tells it', async (stage) => {
    const queue = await stage.open();
    await queue.add('low', { priority: -1 });
    await queue.add('none');
    await queue.add('high', { priority: 10 });
    await stage.hasLength(queue, 3);

    const results = [await queue.get(), await queue.get(), await queue.get()];

    assert.deepEqual(
      results.map(({ item, priority }) => [item, priority]),
      [
        ['high', 10],
        ['none', 0],
        ['low', -1],
      ],
    );
  });

  test('items of the same priority come in the order in which they were added', async (stage) => {
    const queue = await stage.open();
    for (const item of ['a', 'b', 'c']) await queue.add(item, { priority: 5 });
    await stage.hasLength(queue, 3);

    assert.deepEqual(await queue.takeMany(3), ['a', 'b', 'c']);
  });

  for (const [first, second] of [
    [1, 5],
    [5, 1],
  ])
    test(`an item that is added with priority ${first} and then ${second} is queued once, with the higher`, async (stage) => {
      const queue = await stage.open();
      await queue.add('other', { priority: 3 });
      await queue.add('a', { priority: first });
      await queue.add('a', { priority: second });
      await stage.hasLength(queue, 2);

      assert.deepEqual(await stage.workOff(2, queue), ['a', 'other']);
    });

  test('a priority counts for one run', async (stage) => {
    const queue = await stage.open();
    await queue.add('a', { priority: 10 });
    await queue.take();
    await queue.done('a');
    await queue.add('b', { priority: 1 });
    await queue.add('a');
    await stage.hasLength(queue, 2);

    assert.deepEqual(await queue.takeMany(2), ['b', 'a']);
  });

  if (abilities.delays)
    test('a delayed item of high priority holds up no other, and goes first when its time has come', async (stage) => {
      const queue = await stage.open();
      const startMs = stage.pace.now();
      await queue.addAfter('urgent', stage.delayMs, { priority: 100 });
      await queue.addAll('a', 'b');
      const before = await queue.take();
      stage.isInTime(startMs, stage.delayMs);
      await stage.pace.pass(stage.delayMs);
      await stage.hasLength(queue, 2);

      assert.deepEqual([before, ...(await queue.takeMany(2))], ['a', 'urgent', 'b']);
    });
}
