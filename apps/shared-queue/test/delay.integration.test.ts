import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { Verdict } from '../src/rig/checker.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { sharedBrokerOrSkip, startBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { percentile, recordFigures } from '../src/testing/figures.ts';
import { quorum, RawConnection } from '../src/testing/raw.ts';

const delayLevelsMs = [1000, 2000, 4000];

/** How late each run came after its add was due; negative when it came early. Each key was added once. */
function lateness({ adds, runs }: Verdict, delayOf: (index: number) => number): number[] {
  return adds.map((add) => {
    const first = runs.find((run) => run.key === add.key)?.startMs ?? Number.POSITIVE_INFINITY;
    return first - add.sentMs - delayOf(Number(add.key.slice(1)));
  });
}

test('delayed adds never come early and hardly late, and long ones do not hold up short ones', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();
  const queue = { name: 'delay', heartbeatMs: 4000, delayLevelsMs };
  await using rig = new Rig({ broker, queue, worker: { concurrency: 16 }, seed });
  await rig.worker();
  // Of two producers at the same time, so that short delays are parked behind long ones.
  const long = await rig.producer({ keys: { prefix: 'l', count: 200 }, afterMs: [5000] });
  const short = await rig.producer({ keys: { prefix: 's', count: 200 }, afterMs: [1500] });
  await Promise.all([rig.finish(long), rig.finish(short)]);
  const verdict = await rig.settled(60_000);
  await rig.stopWorkers();
  const left = await rig.left();

  const late = verdict.adds.map((add) => {
    const start = verdict.runs.find((run) => run.key === add.key)?.startMs ?? Number.NaN;
    return start - add.sentMs - (add.key.startsWith('l') ? 5000 : 1500);
  });
  recordFigures({
    story: 'delay',
    seed,
    ...verdictFigures(verdict, left),
    earliestMs: percentile(late, 0),
    lateP50Ms: percentile(late, 0.5),
    lateP99Ms: percentile(late, 0.99),
    lateMaxMs: percentile(late, 1),
  });
  expectNothingAmiss(verdict, left);
  expect(percentile(late, 0)).toBeGreaterThanOrEqual(0);
  // A quarter of a second, and as much again for a machine that is busy.
  expect(percentile(late, 0.99)).toBeLessThan(500);
}, 120_000);

test('a burst of 20,000 delayed adds comes out in one go', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();
  const queue = { name: 'delays', heartbeatMs: 4000, delayLevelsMs };
  await using rig = new Rig({ broker, queue, worker: { concurrency: 64 }, seed });
  await rig.worker();
  const producer = await rig.producer({ keys: { prefix: 'k', count: 20_000 }, afterMs: [4000] });
  await rig.finish(producer);
  const verdict = await rig.settled(90_000);
  await rig.stopWorkers();
  const left = await rig.left();

  const firsts = new Map(verdict.runs.toReversed().map((run) => [run.key, run.startMs]));
  const late = verdict.adds.map(
    ({ key, sentMs }) => (firsts.get(key) ?? Number.NaN) - sentMs - 4000,
  );
  const sent = verdict.adds.map(({ sentMs }) => sentMs);
  recordFigures({
    story: 'delay, burst',
    seed,
    ...verdictFigures(verdict, left),
    sentWithinMs: percentile(sent, 1) - percentile(sent, 0),
    lateMaxMs: percentile(late, 1),
  });
  expectNothingAmiss(verdict, left);
  expect(percentile(late, 0)).toBeGreaterThanOrEqual(0);
  // Ten seconds, and as much again for a machine that is busy.
  expect(percentile(late, 1)).toBeLessThan(20_000);
}, 180_000);

test('delayed adds outlive their owner and the broker', async (context) => {
  await using broker = await startBrokerOrSkip(context);
  const seed = chooseSeed();
  const queue = { name: 'parked', heartbeatMs: 2000, takeoverGraceMs: 1000, delayLevelsMs };
  await using rig = new Rig({ broker, queue, seed });
  const owner = await rig.worker();
  const producer = await rig.producer({ keys: { prefix: 'k', count: 200 }, afterMs: [20_000] });
  await rig.finish(producer);
  // The broker writes the list of its Raft members to disk every half second, and does not find a younger queue after a kill.
  await sleep(1500);

  await owner.kill();
  await broker.node.kill();
  await broker.node.start();
  await rig.worker();
  const backAtMs = monotonicMs();
  const verdict = await rig.settled(60_000);
  await rig.stopWorkers();
  const left = await rig.left();

  const late = lateness(verdict, () => 20_000);
  const lastDueMs = Math.max(...verdict.adds.map(({ sentMs }) => sentMs + 20_000));
  recordFigures({
    story: 'delay, killed',
    seed,
    ...verdictFigures(verdict, left),
    wasBackBeforeTheyWereDue: backAtMs < lastDueMs,
    earliestMs: percentile(late, 0),
    lateMaxMs: percentile(late, 1),
  });
  expectNothingAmiss(verdict, left);
  expect(verdict.adds).toHaveLength(200);
  expect(percentile(late, 0)).toBeGreaterThanOrEqual(0);
}, 180_000);

test('a time to live per message lets a long delay hold up a short one', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  await using connection = await RawConnection.open(broker.node.url);
  const channel = await connection.model.createConfirmChannel();
  await channel.assertQueue('ttl-out', quorum());
  const route = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'ttl-out' };
  await channel.assertQueue('ttl-in', quorum(route));
  const sentMs = monotonicMs();
  const arrivals = new Map<string, number>();
  const take = (key: string): unknown => arrivals.set(key, monotonicMs() - sentMs);
  await channel.consume('ttl-out', (message) => take(String(message?.content)), { noAck: true });

  channel.sendToQueue('ttl-in', Buffer.from('long'), { persistent: true, expiration: 5000 });
  channel.sendToQueue('ttl-in', Buffer.from('short'), { persistent: true, expiration: 1000 });
  await expect.poll(() => arrivals.size, { timeout: 20_000 }).toBe(2);

  const shortMs = arrivals.get('short') ?? 0;
  recordFigures({ story: 'delay, control', seed: 0, oneSecondCameAfterMs: shortMs });
  expect(shortMs).toBeGreaterThan(4900);
}, 60_000);
