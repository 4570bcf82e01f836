import assert from 'node:assert/strict';
import type { Handle } from './handle.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';

/** A value that is not what the types say. */
function wrong(value: unknown): never {
  // The suite plays a caller without types.
  return value as never;
}

/** What is refused at the door, by an error that names its kind. */
export function refusalsContract({ abilities, test }: Section): void {
  test('an item that is an object is refused, and nothing is queued', async (stage) => {
    const queue = await stage.open();

    await assert.rejects(queue.add(wrong({ name: 'a' })), TypeError);

    assert.deepEqual(await stage.workOff(0, queue), []);
  });

  test('what is given as a signal and is none is refused, and takes nothing', async (stage) => {
    const queue = await stage.open();

    const getting = queue.get({ signal: wrong({}) });
    await assert.rejects(stage.pace.soon('a refusal', getting), TypeError);

    await queue.add('a');
    assert.equal(await queue.take(), 'a');
  });

  test('what is given to a drain as a signal and is none is refused', async (stage) => {
    const queue = await stage.open();
    await queue.add('a');
    await queue.take();

    const draining = queue.drain({ signal: wrong({}) });

    await assert.rejects(stage.pace.soon('a refusal', draining), TypeError);
  });

  if (abilities.delays) {
    for (const delayMs of [Number.NaN, Infinity, -Infinity])
      test(`a delay of ${delayMs} is refused, and nothing is queued`, async (stage) => {
        const queue = await stage.open();

        await assert.rejects(queue.addAfter('a', delayMs), RangeError);
        await assert.rejects(queue.add('a', { afterMs: delayMs }), RangeError);

        await holdsNothing(stage, queue);
      });

    test('a delay that is no number is refused, and nothing is queued', async (stage) => {
      const queue = await stage.open();

      await assert.rejects(queue.addAfter('a', wrong('5')), TypeError);
      await assert.rejects(queue.add('a', { afterMs: wrong('5') }), TypeError);

      await holdsNothing(stage, queue);
    });
  }

  if (abilities.priorities)
    test('a priority that is no whole number is refused, and nothing is queued', async (stage) => {
      const queue = await stage.open();

      for (const priority of [Number.NaN, 0.5, Infinity])
        await assert.rejects(queue.add('a', { priority }), RangeError);
      await assert.rejects(queue.add('a', { priority: wrong('high') }), TypeError);

      await holdsNothing(stage, queue);
    });
}

async function holdsNothing(stage: Stage, queue: Handle): Promise<void> {
  await stage.hasLength(queue, 0);
  assert.deepEqual(await stage.workOff(0, queue), []);
}
