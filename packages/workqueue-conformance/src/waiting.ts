import assert from 'node:assert/strict';
import type { Handle } from './handle.ts';
import { itemOf } from './handle.ts';
import { quietly } from './quietly.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';

/** How a `get` waits, and how its wait is ended. */
export function waitingContract({ abilities, test }: Section): void {
  test('a get waits until an item is added', async (stage) => {
    const queue = await stage.open();
    const getting = queue.get();
    await stage.isQuiet('an item came from nowhere', getting);

    await queue.add('a');

    assert.equal(itemOf(await stage.pace.soon('the item', getting)), 'a');
  });

  test('waiting gets are served one item each', async (stage) => {
    const queue = await stage.open();
    const gets = [queue.get(), queue.get(), queue.get()];
    await stage.pace.calm();

    await queue.addAll('a', 'b', 'c');

    const results = await stage.pace.soon('three items', Promise.all(gets));
    const items = results.map(itemOf);
    if (!abilities.ordersItems) items.sort();
    assert.deepEqual(items, ['a', 'b', 'c']);
  });

  test('an item goes to one of those who wait, and the others wait on', async (stage) => {
    const queue = await stage.open();
    const gets = Array.from({ length: 5 }, () => queue.get());
    await stage.pace.calm();

    await queue.add('a');
    await stage.pace.soon('the item', Promise.race(gets));

    const settled = await Promise.all(gets.map((getting) => stage.pace.settles(getting)));
    assert.equal(settled.filter(Boolean).length, 1);
  });

  test('a get with an aborted signal rejects with its reason and takes nothing', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');

    await rejectsWith(stage, queue.get({ signal: AbortSignal.abort('enough') }), 'enough');

    assert.equal(await queue.take(), 'a');
  });

  test('a waiting get that is aborted rejects, and its item goes to the next one', async (stage) => {
    const queue = await stage.open();
    const controller = new AbortController();
    const aborted = queue.get({ signal: controller.signal });
    const waiting = queue.get();
    await stage.pace.calm();

    controller.abort('enough');
    await queue.add('a');

    await rejectsWith(stage, aborted, 'enough');
    assert.equal(itemOf(await stage.pace.soon('the item', waiting)), 'a');
  });

  test('an item is not lost when the only one who waited for it has given up', async (stage) => {
    const queue = await stage.open();
    const controller = new AbortController();
    const aborted = queue.get({ signal: controller.signal });
    await stage.pace.calm();
    controller.abort('enough');

    await queue.add('a');

    await rejectsWith(stage, aborted, 'enough');
    assert.equal(await queue.take(), 'a');
  });

  test('an abort at the moment of the addition does not lose the item', async (stage) => {
    const queue = await stage.open();
    const controller = new AbortController();
    const getting = queue.get({ signal: controller.signal });
    await stage.pace.calm();

    const adding = queue.add('a');
    controller.abort('too late');
    await adding;

    const [first] = await stage.pace.soon('the end of a get', Promise.allSettled([getting]));
    const item = first.status === 'fulfilled' ? itemOf(first.value) : await queue.take();
    assert.equal(item, 'a');
  });

  test('a signal that comes with an item does not abort while nothing disturbs the work', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    const { signal } = await stage.pace.soon('the item', queue.get());
    await stage.pace.calm();

    assert.ok(!signal?.aborted);
  });
}

/** Loops that take items until shutdown. */
export function loopsContract({ abilities, test }: Section): void {
  test('a loop takes items until shutdown', async (stage) => {
    const queue = await stage.open();
    const seen: string[] = [];
    const looping = loop(queue, (item) => void seen.push(item));
    await queue.addAll('a', 'b', 'c');
    await stage.pace.until('three items in a loop', () => seen.length === 3);

    await queue.shutDown();
    await stage.pace.soon('the end of the loop', looping);

    assert.deepEqual(abilities.ordersItems ? seen : seen.toSorted(), ['a', 'b', 'c']);
  });

  test('a loop that is left early takes nothing ahead', async (stage) => {
    const queue = await stage.open();
    await queue.addAll('a', 'b');
    const seen: string[] = [];

    const looping = loop(queue, (item) => void seen.push(item), 1);
    await stage.pace.soon('the end of the loop', looping);

    assert.equal(seen.length, 1);
    assert.deepEqual([...seen, ...(await stage.workOff(1, queue))].toSorted(), ['a', 'b']);
  });

  test('a loop whose body throws ends alone: what it had can be done, and others go on', async (stage) => {
    const queue = await stage.open();
    const failure = new Error('the body failed');
    const failing = loop(queue, (item) => {
      if (item === 'bad') throw failure;
    });
    await queue.add('bad');
    await rejectsWith(stage, failing, failure);

    await queue.addAll('bad', 'good');

    assert.equal(await queue.take(), 'good');
    await queue.done('bad');
    assert.equal(await queue.take(), 'bad');
  });
}

/** Takes items until shutdown, or so many of them. May reject unseen. */
function loop(handle: Handle, body: (item: string) => void, most?: number): Promise<void> {
  return quietly(() => runLoop(handle, body, most ?? Infinity));
}

async function runLoop(
  { queue }: Handle,
  body: (item: string) => void,
  most: number,
): Promise<void> {
  let count = 0;
  for await (const item of queue) {
    body(item);
    await queue.done(item);
    count += 1;
    if (count >= most) return;
  }
}

async function rejectsWith(
  stage: Stage,
  promise: Promise<unknown>,
  reason: unknown,
): Promise<void> {
  const [result] = await stage.pace.soon('a rejection', Promise.allSettled([promise]));
  assert.deepEqual(result, { status: 'rejected', reason });
}
