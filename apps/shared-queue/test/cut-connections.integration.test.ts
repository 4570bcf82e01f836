import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import type { Verdict } from '../src/rig/checker.ts';
import { CuttingProxy } from '../src/rig/proxy.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';

/**
 * Resets the sockets of one worker, of the other, or of both every four seconds, while runs take 0.3 to 0.9 seconds. When only one is cut,
 * the other stands by and is fed at once.
 */
async function cut(
  broker: Broker,
  seed: number,
  takeoverGraceMs: number,
): Promise<{ readonly verdict: Verdict; readonly left: number; readonly cuts: number }> {
  const queue = { name: `cut-${takeoverGraceMs}`, heartbeatMs: 2000, takeoverGraceMs };
  await using first = await CuttingProxy.open(broker.node.port);
  await using second = await CuttingProxy.open(broker.node.port);
  await using rig = new Rig({
    broker,
    queue,
    worker: { runMs: [300, 900], concurrency: 16 },
    seed,
  });
  for (const { url } of [first, second]) await rig.worker({ queue: { urls: url } });
  // Half of what the workers can do, so that a key that is taken over does not wait behind others until its former run is over.
  const producer = await rig.producer({ keys: { prefix: 'k', count: 120 }, ratePerS: 25 });
  for (const hurt of [[first], [second], [first, second], [first], [second]]) {
    await sleep(4000);
    for (const proxy of hurt) proxy.cut();
  }
  await rig.finish(producer);
  const verdict = await rig.settled(60_000);
  await rig.stopWorkers();
  return { verdict, left: await rig.left(), cuts: first.cuts + second.cuts };
}

test('connections that are cut while keys run make no key run twice at once, when the grace outlasts the runs', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { verdict, left, cuts } = await cut(broker, seed, 1500);

  recordFigures({ story: 'cut connections', seed, cuts, ...verdictFigures(verdict, left) });
  expectNothingAmiss(verdict, left);
  expect(cuts).toBeGreaterThanOrEqual(10);
}, 180_000);

test('the same story without a grace has keys run twice at once, and still loses none', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { verdict, left, cuts } = await cut(broker, seed, 0);

  recordFigures({
    story: 'cut connections, control',
    seed,
    cuts,
    ...verdictFigures(verdict, left),
  });
  expect(verdict.overlaps.length).toBeGreaterThan(0);
  expect({ lost: verdict.lost, left }).toEqual({ lost: [], left: 0 });
}, 180_000);
