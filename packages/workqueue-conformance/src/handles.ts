import assert from 'node:assert/strict';
import { type Handle, itemOf } from './handle.ts';
import type { Section } from './section.ts';
import type { Stage, Taken } from './stage.ts';

/** Several handles to one queue, as several processes have them. */
export function handlesContract(section: Section): void {
  const { abilities, test } = section;

  test('what is added at either of two handles is handed out once, at one of them', async (stage) => {
    const [first, second] = await stage.openTwo();
    await first.addAll('a', 'b', 'c');
    await second.addAll('d', 'e', 'f');

    const items = await stage.workOff(6, first, second);

    assert.deepEqual(items.toSorted(), ['a', 'b', 'c', 'd', 'e', 'f']);
  });

  if (abilities.collapsesAdditions)
    test('an item that is added at two handles before it is handed out is one piece of work', async (stage) => {
      const [first, second] = await stage.openTwo();
      for (const queue of [first, second, first, second]) await queue.add('a');
      await stage.pace.calm();

      assert.deepEqual(await stage.workOff(1, first, second), ['a']);
    });

  test('an item that is in work at one handle is not handed out at another before it is done', async (stage) => {
    const { first, second, taken } = await inWorkAndAddedAgain(stage);
    const gets = [first.get(), second.get()];
    await stage.isQuiet('an item that is in work was handed out again', ...gets);

    await taken.by.done('a');

    const again = await stage.pace.soon('the next run', Promise.race(gets));
    assert.equal(itemOf(again), 'a');
  });

  if (abilities.collapsesAdditions)
    test('however often an item in work is added at two handles, it comes once more', async (stage) => {
      const { first, second, taken } = await inWorkAndAddedAgain(stage);
      await stage.pace.calm();

      await taken.by.done('a');

      assert.deepEqual(await stage.workOff(1, first, second), ['a']);
    });

  test('a handle that is shut down stops no other', async (stage) => {
    const [first, second] = await stage.openTwo();
    await first.shutDown();
    await second.add('a');

    assert.equal(second.shuttingDown, false);
    assert.equal(await second.take(), 'a');
    await second.done('a');
    assert.deepEqual(await stage.workOff(0, second), []);
  });

  if (abilities.delays)
    test('what is delayed at one handle comes at its time, at one of them, once', async (stage) => {
      const [first, second] = await stage.openTwo();
      const dueMs = stage.pace.now() + stage.delayMs;
      await first.addAfter('a', stage.delayMs);
      const gets = [first.get(), second.get()];

      const result = await stage.pace.onTime('a delayed item', Promise.race(gets), dueMs);

      assert.equal(itemOf(result), 'a');
      const settled = await Promise.all(gets.map((getting) => stage.pace.settles(getting)));
      assert.equal(settled.filter(Boolean).length, 1);
    });

  if (abilities.keepsAfterShutdown) handOverContract(section);
}

/** An item that is in work at one of two handles, and was added again and again at both since. */
async function inWorkAndAddedAgain(
  stage: Stage,
): Promise<{ readonly first: Handle; readonly second: Handle; readonly taken: Taken }> {
  const [first, second] = await stage.openTwo();
  await first.add('a');
  const taken = await stage.takeAt(first, second);
  for (let count = 0; count < 25; count += 1) {
    await first.add('a');
    await second.add('a');
  }
  return { first, second, taken };
}

/** What another handle gets of one that is shut down. */
function handOverContract({ abilities, test }: Section): void {
  test('what one handle has not handed out at its shutdown comes at another', async (stage) => {
    const [first, second] = await stage.openTwo();
    await first.addAll('a', 'b', 'c');
    await stage.pace.calm();
    await first.shutDown();

    assert.deepEqual((await second.takeMany(3)).toSorted(), ['a', 'b', 'c']);
  });

  test('what nobody has handed out is there for a handle that is opened later', async (stage) => {
    const first = await stage.open();
    await first.addAll('a', 'b');
    await first.shutDown();

    const later = await stage.openAnother(first);

    assert.deepEqual((await later.takeMany(2)).toSorted(), ['a', 'b']);
  });

  test('an item in work at the shutdown of its handle is handed out at no other before it is done', async (stage) => {
    const [first, second] = await stage.openTwo();
    await first.add('a');
    const taken = await stage.takeAt(first, second);
    const other = taken.by === first ? second : first;
    await other.add('a');
    await stage.pace.calm();
    const drained = taken.by.drain();
    const getting = other.get();
    await stage.isQuiet('an item that is in work was handed out again', getting, drained);

    await taken.by.done('a');

    await stage.pace.soon('the end of the drain', drained);
    assert.equal(itemOf(await stage.pace.soon('the next run', getting)), 'a');
  });

  if (abilities.delays)
    test('what waits for its time at the shutdown of its handle comes at another, at its time', async (stage) => {
      const [first, second] = await stage.openTwo();
      const dueMs = stage.pace.now() + stage.delayMs;
      await first.addAfter('a', stage.delayMs);
      await first.shutDown();

      const result = await stage.pace.onTime('a delayed item', second.get(), dueMs);

      assert.equal(itemOf(result), 'a');
    });
}
