import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import type { BrokerNode } from '../src/broker/node.ts';
import type { Verdict } from '../src/rig/checker.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import type { RigProgram } from '../src/rig/program.ts';
import { progress } from '../src/rig/questions.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { startBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { expectNothingAmiss, verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';
import { quorum, RawConnection } from '../src/testing/raw.ts';

const heartbeatMs = 2000;
const graceMs = 2000;
/** A fifth of Erlang's, so that the story of a frozen node takes a fifth of the time too. */
const netTickTimeS = 12;

/** The node that leads most of a queue's partitions; all of them, as long as one process has declared them. */
async function leader(broker: Broker, name: string): Promise<BrokerNode> {
  const text = await broker.eval(
    `[element(2, amqqueue:get_pid(Q)) || Q <- rabbit_amqqueue:list(), is_tuple(amqqueue:get_pid(Q)), ` +
      `lists:prefix("wq.${name}.", binary_to_list(element(4, amqqueue:get_name(Q))))].`,
  );
  const leads = (node: BrokerNode): number => text.split(node.name).length;
  const [most] = [...broker.nodes].sort((a, b) => leads(b) - leads(a));
  if (most === undefined) throw new Error('Cannot name the leader: the broker has no node');
  return most;
}

/** The longest time without any of some events, between two moments. */
function longestPause(events: readonly number[], fromMs: number, toMs: number): number {
  const within = events.filter((at) => at > fromMs && at < toMs).sort((a, b) => a - b);
  const moments = [fromMs, ...within, toMs];
  return Math.max(...moments.slice(1).map((at, index) => at - (moments[index] ?? at)));
}

/** The longest time without a start of any run, between two moments. */
function longestGap({ runs }: Verdict, fromMs: number, toMs: number): number {
  const starts = runs.map(({ startMs }) => startMs);
  return longestPause(starts, fromMs, toMs);
}

/** The longest time that one of the producers got no confirm, between two moments. */
function longestSilence(producers: readonly RigProgram[], fromMs: number, toMs: number): number {
  return Math.max(...producers.map((producer) => silence(producer, fromMs, toMs)));
}

function silence(producer: RigProgram, fromMs: number, toMs: number): number {
  const confirms = producer.lines.map(({ extra: confirmedMs }) => confirmedMs);
  return longestPause(confirms, fromMs, toMs);
}

/** Two workers and two producers on a cluster of three, each connected to another node first. */
async function load(rig: Rig, broker: Broker): Promise<RigProgram[]> {
  const rotated = (by: number): string[] => [...broker.urls.slice(by), ...broker.urls.slice(0, by)];
  for (const by of [0, 1]) await rig.worker({ queue: { urls: rotated(by) } });
  const keys = { prefix: 'k', count: 2000 };
  return Promise.all(
    [0, 2].map(async (by) => rig.producer({ keys, ratePerS: 100, queue: { urls: rotated(by) } })),
  );
}

test('a cluster of three goes on when the node that leads all queues is killed, and when a node is frozen', async (context) => {
  await using broker = await startBrokerOrSkip(context, { nodes: 3, netTickTimeS });
  const seed = chooseSeed();
  const queue = { name: 'cluster', heartbeatMs, takeoverGraceMs: graceMs, partitions: 8 };
  await using rig = new Rig({ broker, queue, worker: { runMs: [5, 15] }, seed });
  const producers = await load(rig, broker);
  await sleep(3000);

  // The leader dies, and stays away.
  const victim = await leader(broker, 'cluster');
  const killedMs = monotonicMs();
  await victim.kill();
  await sleep(8000);
  const backlog = await Promise.all(producers.map(async (each) => (await progress(each)).outbox));
  const beforeReturnMs = monotonicMs();
  const gapMs = longestGap(rig.verdict(), killedMs, beforeReturnMs);
  const silenceMs = longestSilence(producers, killedMs, beforeReturnMs);
  await victim.start();
  await sleep(3000);

  // A node freezes, with its connections left open.
  const frozen = await leader(broker, 'cluster');
  // The control: a producer that knows no other node.
  const captive = await rig.producer({
    keys: { prefix: 'c', count: 100 },
    ratePerS: 50,
    queue: { urls: frozen.url },
  });
  await sleep(1000);
  const frozenMs = monotonicMs();
  frozen.freeze();
  await sleep(2.5 * netTickTimeS * 1000);
  const beforeThawMs = monotonicMs();
  const frozenGapMs = longestGap(rig.verdict(), frozenMs, beforeThawMs);
  // The broker that a producer is connected to may be the frozen one: then it connects to another, on which nothing moves for new
  // connections before the cluster has given the frozen node up. Whoever was elsewhere all the time waits for an election only.
  const silences = producers.map((producer) => silence(producer, frozenMs, beforeThawMs));
  const captiveSilenceMs = silence(captive, frozenMs, beforeThawMs);
  frozen.thaw();

  await Promise.all([...producers, captive].map(async (producer) => rig.finish(producer)));
  const verdict = await rig.settled(90_000);
  await rig.stopWorkers();
  const left = await rig.left();

  recordFigures({
    story: 'cluster',
    seed,
    heartbeatMs,
    graceMs,
    netTickTimeS,
    ...verdictFigures(verdict, left),
    killedLeaderGapInStartsMs: gapMs,
    killedLeaderGapInConfirmsMs: silenceMs,
    outboxesWhileItIsDown: backlog.join(' '),
    frozenNodeGapInStartsMs: frozenGapMs,
    frozenNodeGapInConfirmsElsewhereMs: Math.min(...silences),
    frozenNodeGapInConfirmsMaxMs: Math.max(...silences),
    frozenNodeGapInConfirmsOfOneWhoKnowsNoOtherMs: captiveSilenceMs,
  });
  expectNothingAmiss(verdict, left);
  // Five seconds, and what a busy machine adds.
  expect(gapMs).toBeLessThan(5000 + graceMs + 2000);
  // What was added in the last moment may wait, nothing more.
  expect(Math.max(...backlog)).toBeLessThan(50);
  const givenUpMs = 1.25 * netTickTimeS * 1000;
  expect(Math.min(...silences)).toBeLessThan(15_000);
  expect(Math.max(...silences)).toBeLessThan(givenUpMs + 10_000);
  expect(captiveSilenceMs).toBeGreaterThan(givenUpMs + 10_000);
  expect(frozenGapMs).toBeLessThan(givenUpMs + graceMs + 3000);
}, 300_000);

/** Publishes one message on a confirm channel of its own, and again whenever it is refused, until it is confirmed. */
async function publishUntilConfirmed(
  { model }: RawConnection,
  isOver: () => boolean,
): Promise<'confirmed' | 'refused for good'> {
  const channel = await model.createConfirmChannel();
  while (!isOver()) {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    channel.sendToQueue('led', Buffer.from('a'), { persistent: true }, (error) =>
      resolve(error === null),
    );
    if (await Promise.race([promise, sleep(1000, false)])) return 'confirmed';
    await sleep(100);
  }
  return 'refused for good';
}

test('a channel that was opened while the leader died refuses every message as long as that node is away, on RabbitMQ 3.10', async (context) => {
  await using broker = await startBrokerOrSkip(context, { nodes: 3, netTickTimeS });
  const [first, second] = broker.nodes;
  if (first === undefined || second === undefined) throw new Error('There is no second node');
  await using producer = await RawConnection.open(second.url);
  const { version } = producer.model.connection.serverProperties;
  context.skip(!version.startsWith('3.'), `RabbitMQ ${version} has mended it, and 3.10 has not`);
  await using declarer = await RawConnection.open(first.url);
  const declaring = await declarer.model.createChannel();
  await declaring.assertQueue('led', quorum());

  const killed = first.kill();
  const startedMs = monotonicMs();
  const outcomes: Promise<string>[] = [];
  for (; monotonicMs() - startedMs < 800; await sleep(10))
    outcomes.push(publishUntilConfirmed(producer, () => monotonicMs() - startedMs > 6000));
  await killed;
  const all = await Promise.all(outcomes);
  const fresh = await publishUntilConfirmed(producer, () => monotonicMs() - startedMs > 12_000);

  const refused = all.filter((outcome) => outcome !== 'confirmed').length;
  recordFigures({ story: 'cluster, control', seed: 0, channels: all.length, refused });
  expect(refused).toBeGreaterThan(0);
  expect(fresh).toBe('confirmed');
}, 180_000);
