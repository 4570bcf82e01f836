import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import type { Run, Verdict } from '../src/rig/checker.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { percentile, recordFigures } from '../src/testing/figures.ts';

const backoff = { baseDelayMs: 100, maxDelayMs: 3200 };
const hangMs = 20_000;

/** The 99th percentile of the time from an add to the start of the run that serves it; until now when there is none. */
function p99({ adds, runs }: Verdict): number {
  const nowMs = monotonicMs();
  const waits = adds
    .filter(({ key }) => key.startsWith('k'))
    .map(({ key, sentMs }) => {
      const served = runs.find((run) => run.key === key && run.startMs > sentMs);
      return (served?.startMs ?? nowMs) - sentMs;
    });
  return percentile(waits, 0.99);
}

/** Other keys go on for eight seconds, beside one key that always fails and one that hangs, when they are asked for. */
async function crowd(
  broker: Broker,
  seed: number,
  { name, troubles, concurrency }: { name: string; troubles: boolean; concurrency: number },
): Promise<number> {
  const queue = { name, heartbeatMs: 2000, backoff };
  const hanging = { prefix: 'hang', runMs: hangMs };
  const worker = { runMs: [5, 10] as const, failing: 'fail', hanging, concurrency };
  await using rig = new Rig({ broker, queue, worker, seed });
  await rig.worker();
  if (troubles)
    for (const prefix of ['fail', 'hang'])
      await rig.finish(await rig.producer({ keys: { prefix, count: 1 } }));
  const producer = await rig.producer({ keys: { prefix: 'k', count: 1000 }, ratePerS: 100 });
  await sleep(8000);
  await rig.finish(producer);
  return p99(await rig.quiet());
}

test('a key that always fails and one that hangs do not slow the others down', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const calmMs = await crowd(broker, seed, { name: 'calm', troubles: false, concurrency: 8 });
  const troubledMs = await crowd(broker, seed, {
    name: 'troubled',
    troubles: true,
    concurrency: 8,
  });

  recordFigures({ story: 'isolation', seed, p99CalmMs: calmMs, p99TroubledMs: troubledMs });
  // Twice, and 100 ms because the calm one may be a few milliseconds on a machine that others use too.
  expect(troubledMs).toBeLessThan(2 * calmMs + 100);
}, 120_000);

test('with a single run at a time, one that hangs holds up everybody', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const alone = { name: 'alone', troubles: true, concurrency: 1 };
  const aloneMs = await crowd(broker, seed, alone);

  recordFigures({ story: 'isolation, control', seed, p99AloneMs: aloneMs });
  expect(aloneMs).toBeGreaterThan(2000);
}, 120_000);

/** The times between the end of each run and the start of the next. */
function pauses(runs: readonly Run[]): number[] {
  return runs.slice(1).map((run, index) => run.startMs - (runs[index]?.endMs ?? run.startMs));
}

test('the pauses of a key that fails double up to the longest, and go on from there on another worker when the owner is killed', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();
  const graceMs = 500;
  const levels = { delayLevelsMs: [1000, 2000] };
  const queue = {
    name: 'backoff',
    heartbeatMs: 2000,
    takeoverGraceMs: graceMs,
    backoff,
    ...levels,
  };
  await using rig = new Rig({ broker, queue, worker: { failing: 'fail' }, seed });
  const owner = await rig.worker();
  await rig.finish(await rig.producer({ keys: { prefix: 'fail', count: 1 } }));
  // 100, 200, 400, 800, 1600, 3200, 3200 ms.
  await expect.poll(() => rig.verdict().runs.length, { timeout: 60_000 }).toBe(8);
  await sleep(500);
  await owner.kill();
  const heir = await rig.worker();
  await expect.poll(() => rig.verdict().runs.length, { timeout: 60_000 }).toBeGreaterThan(10);

  const { runs } = rig.verdict();
  const seen = pauses(runs.slice(0, 8));
  const afterwards = pauses(runs.filter((run) => run.worker === heir.name));
  const wanted = [100, 200, 400, 800, 1600, 3200, 3200];
  recordFigures({
    story: 'backoff',
    seed,
    pausesMs: seen.map(Math.round).join(' '),
    pausesAfterKillMs: afterwards.map(Math.round).join(' '),
    failuresKnownToHeir: runs.find((run) => run.worker === heir.name)?.failures,
  });
  for (const [index, pause] of seen.entries()) {
    const want = wanted[index] ?? 0;
    expect(pause).toBeGreaterThan(0.99 * want);
    // A fifth more, and 200 ms for a machine that is busy.
    expect(pause).toBeLessThan(1.2 * want + 200);
  }
  expect(Math.min(...afterwards)).toBeGreaterThan(3000);
}, 180_000);
