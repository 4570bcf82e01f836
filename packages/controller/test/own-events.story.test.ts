import { PriorityQueue } from '@kubeloop/workqueue';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { enqueueMapped } from '../src/event-handler.ts';
import { request } from './support/controller-rig.ts';
import type { OwnWrite } from './support/own-events-rig.ts';
import { OwnEventsRig } from './support/own-events-rig.ts';

type Step = 'foreign' | 'deliver' | 'deliver all' | 'relist' | 'answer' | 'settle';

const ownWrites = fc.array(
  fc.constantFrom<OwnWrite>('conditional', 'conditional, no change', 'conditional, after a read'),
  { maxLength: 3 },
);

const anyWrites = fc.array(
  fc.constantFrom<OwnWrite>(
    'conditional',
    'conditional, no change',
    'conditional, after a read',
    'conditional, lost',
    'blind',
    'blind, no change',
  ),
  { maxLength: 3 },
);

function stepsOf(...more: Step[]): fc.Arbitrary<Step[]> {
  return fc.array(fc.constantFrom<Step>('deliver', 'deliver all', 'relist', 'settle', ...more), {
    maxLength: 20,
  });
}

/** Reconciles that write as they are told, one after the other, among what else happens; until all has come to rest. */
async function play(plans: readonly OwnWrite[][], steps: readonly Step[]): Promise<OwnEventsRig> {
  const rig = new OwnEventsRig();
  const rest = [...plans];
  rig.onReconcile = async ({ write }) => {
    for (const how of rest.shift() ?? []) await write(how);
  };
  await rig.start();
  for (const step of steps) {
    if (step === 'foreign') rig.writeForeign();
    if (step === 'deliver') await rig.cache.deliver(1);
    if (step === 'deliver all') await rig.cache.deliver();
    if (step === 'relist') await rig.relist();
    if (step === 'answer') rig.answer();
    if (step === 'settle') await rig.clock.settle();
  }
  await rig.rest();
  await rig.stop();
  return rig;
}

describe('a controller that skips its own events', () => {
  test('reconciles after each foreign change, whatever comes between, is lost or is told as one', async () => {
    const plans = fc.array(anyWrites, { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(plans, stepsOf('foreign', 'foreign', 'answer'), async (writes, steps) => {
        const { foreign, starts } = await play(writes, steps);

        for (const version of foreign) expect(Math.max(...starts)).toBeGreaterThanOrEqual(version);
      }),
      {
        numRuns: 500,
        // The first write gives the change of somebody else the time to come before the second.
        examples: [
          [
            [['conditional, no change', 'conditional, after a read']],
            ['foreign', 'answer', 'settle', 'relist'],
          ],
        ],
      },
    );
  });

  test('does not reconcile again because of what it wrote itself, in whichever order events and answers come', async () => {
    await fc.assert(
      fc.asyncProperty(ownWrites, stepsOf('answer', 'answer'), async (writes, steps) => {
        const { starts } = await play([writes], steps);

        expect(starts).toEqual([10]);
      }),
      { numRuns: 300 },
    );
  });

  test('reconciles after a change to which its own write was put without a version, since it may have changed nothing', async () => {
    const { starts } = await play([['blind'], ['blind, no change']], []);

    expect(starts).toEqual([10, 11]);
  });

  test('reconciles after a write whose answer is lost', async () => {
    const { starts } = await play([['conditional, lost']], []);

    expect(starts).toEqual([10, 11]);
  });

  test('reconciles after several own writes when somebody else wrote before the last one', async () => {
    const rig = new OwnEventsRig();
    rig.onReconcile = async ({ write }) => {
      if (rig.starts.length > 1) return;
      await write('conditional');
      rig.writeForeign();
      await write('conditional, after a read');
    };
    rig.holdsAnswers = false;
    await rig.start();
    await rig.relist();
    await rig.rest();
    await rig.stop();

    expect(rig.starts).toEqual([10, 13]);
  });

  test('takes several own writes that are told as one for what they are, and logs what it leaves out', async () => {
    const { starts, log } = await play(
      [['conditional', 'conditional']],
      ['answer', 'settle', 'answer', 'relist'],
    );

    expect(starts).toEqual([10]);
    expect(log.entries).toContainEqual({
      level: 'debug',
      message: 'The event of an own write is left out',
      fields: { controller: 'test', request: 'ns/a', object: 'ns/a', resourceVersion: '12' },
    });
  });

  test('reconciles what was written when the reconcile had ended already, and does not hold events back for it', async () => {
    const rig = new OwnEventsRig();
    let late: Promise<void> | undefined;
    rig.onReconcile = async ({ write }) => {
      if (rig.starts.length === 1) late = write('conditional');
    };
    await rig.start();
    await rig.cache.deliver();
    await rig.clock.settle();
    expect(rig.starts).toEqual([10, 11]);

    await rig.stop();
    await late;
  });

  test('reconciles other requests that its write concerns, and its own when another one wrote', async () => {
    const both = enqueueMapped(() => [request('a'), request('b')]);
    const rig = new OwnEventsRig({}, both);
    rig.onReconcile = async ({ write }) => {
      if (rig.starts.filter((each) => each === 10).length === 1) await write('conditional');
    };
    await rig.start();
    await rig.rest();
    await rig.stop();

    expect(rig.starts).toEqual([10, Number.NaN, Number.NaN]);
  });

  test('says so when the queue does not take a request that was held back', async () => {
    const queue = new PriorityQueue<string>({ name: 'test' });
    const rig = new OwnEventsRig({ newQueue: () => queue });
    rig.onReconcile = async ({ write }) => {
      if (rig.starts.length > 1) return;
      queue.add = () => {
        throw new Error('no room');
      };
      await write('conditional, lost').catch(() => undefined);
    };
    await rig.start();
    await rig.cache.deliver();
    rig.answer();
    await rig.clock.settle();

    expect(rig.log.entries).toContainEqual(
      expect.objectContaining({
        message: 'A request that was held back could not be enqueued',
        fields: expect.objectContaining({ request: 'ns/a' }),
      }),
    );
    await rig.stop();
  });
});

test('a controller that was not told to skip them reconciles again after its own write', async () => {
  const rig = new OwnEventsRig({ skipOwnEvents: false });
  rig.onReconcile = async ({ write }) => {
    if (rig.starts.length === 1) await write('conditional');
  };
  await rig.start();
  await rig.rest();
  await rig.stop();

  expect(rig.starts).toEqual([10, 11]);
});
