import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { waitUntil } from '../src/broker/wait-until.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import type { RigProgram } from '../src/rig/program.ts';
import { progress } from '../src/rig/questions.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { startBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';

const graceMs = 1500;

/** Waits until everything that the producers sent before now is confirmed, and says how long that took. */
async function caughtUp(producers: readonly RigProgram[]): Promise<number> {
  const started = monotonicMs();
  const sent = await Promise.all(producers.map(async (each) => (await progress(each)).sent));
  const what = 'the adds of before are confirmed';
  await waitUntil({ what, timeoutMs: 60_000, intervalMs: 20 }, async () => {
    const now = await Promise.all(producers.map(progress));
    return now.every(({ confirmed }, index) => confirmed >= (sent[index] ?? 0));
  });
  return monotonicMs() - started;
}

test('a broker that is killed under load and comes back loses nothing, and everybody finds it without help', async (context) => {
  await using broker = await startBrokerOrSkip(context);
  const seed = chooseSeed();
  const queue = { name: 'killed', heartbeatMs: 2000, takeoverGraceMs: graceMs };
  await using rig = new Rig({ broker, queue, worker: { runMs: [5, 15], concurrency: 16 }, seed });
  await Promise.all([1, 2].map(async () => rig.worker()));
  const keys = { prefix: 'k', count: 5000 };
  const producers = await Promise.all(
    [1, 2].map(async () => rig.producer({ keys, ratePerS: 400 })),
  );
  const firstStarts: number[] = [];
  const outboxes: number[] = [];

  for (let round = 0; round < 2; round += 1) {
    await sleep(4000);
    await broker.node.kill();
    await sleep(1000);
    await broker.node.start();
    const openAt = monotonicMs();
    outboxes.push(await caughtUp(producers));
    const run = await waitUntil({ what: 'a run starts', timeoutMs: 60_000, intervalMs: 20 }, () =>
      rig.verdict().runs.find(({ startMs }) => startMs > openAt),
    );
    firstStarts.push(run.startMs - openAt);
  }
  await Promise.all(producers.map(async (producer) => rig.finish(producer)));
  const verdict = await rig.settled(60_000);
  await rig.stopWorkers();
  const left = await rig.left();

  recordFigures({
    story: 'kill the broker',
    seed,
    graceMs,
    ...verdictFigures(verdict, left),
    firstStartAfterPortOpensMaxMs: Math.max(...firstStarts),
    outboxEmptyAfterPortOpensMaxMs: Math.max(...outboxes),
  });
  expectNothingAmiss(verdict, left);
  // Five seconds, and as much again for a machine that is busy.
  expect(Math.max(...firstStarts)).toBeLessThan(10_000);
  expect(Math.max(...outboxes)).toBeLessThan(10_000);
}, 240_000);

test('a queue that keeps nothing on disk loses what it had confirmed', async (context) => {
  await using broker = await startBrokerOrSkip(context);
  const seed = chooseSeed();
  const queue = { name: 'memory', heartbeatMs: 2000, naive: 'keeps nothing on disk' as const };
  await using rig = new Rig({ broker, queue, seed });
  await rig.finish(await rig.producer({ keys: { prefix: 'k', count: 500 } }));

  await broker.node.kill();
  await broker.node.start();
  await rig.worker();
  const verdict = await rig.quiet();

  recordFigures({ story: 'kill the broker, control', seed, lost: verdict.lost.length });
  expect(verdict.lost).toHaveLength(500);
}, 240_000);
