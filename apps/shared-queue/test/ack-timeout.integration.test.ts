import { expect, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import type { Verdict } from '../src/rig/checker.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { startBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';

const brokersTimeoutMs = 5000;

interface Outcome {
  readonly verdict: Verdict;
  readonly left: number;
  readonly output: string;
}

/** A backlog worth 20 ms of work a key, on a broker that takes messages back after five. */
async function workOff(
  broker: Broker,
  seed: number,
  { keys: count, ackTimeoutMs }: { readonly keys: number; readonly ackTimeoutMs: number },
): Promise<Outcome> {
  const queue = {
    name: `late-${ackTimeoutMs}`,
    heartbeatMs: 2000,
    takeoverGraceMs: 0,
    ackTimeoutMs,
  };
  const worker = { runMs: [150, 170] as const };
  await using rig = new Rig({ broker, queue, worker, seed });
  await rig.finish(await rig.producer({ keys: { prefix: 'k', count } }));
  const owner = await rig.worker();
  const verdict = await rig.settled(90_000);
  const { output } = owner;
  await rig.stopWorkers();
  return { verdict, left: await rig.left(), output };
}

/** One whose channels close five seconds after a message was delivered and not acknowledged. */
async function impatientBroker(context: Parameters<typeof startBrokerOrSkip>[0]): Promise<Broker> {
  const broker = await startBrokerOrSkip(context);
  await broker.eval(
    `application:set_env(rabbit, consumer_timeout, ${brokersTimeoutMs}), ` +
      'application:set_env(rabbit, channel_tick_interval, 2000).',
  );
  return broker;
}

test('a backlog of several times the ack timeout is worked off without a closed channel and hardly a second run', async (context) => {
  await using broker = await impatientBroker(context);
  const seed = chooseSeed();

  const { verdict, left, output } = await workOff(broker, seed, {
    keys: 1000,
    ackTimeoutMs: brokersTimeoutMs,
  });

  recordFigures({
    story: 'ack timeout',
    seed,
    ...verdictFigures(verdict, left),
    runsPerKey: verdict.runs.length / 1000,
  });
  expect({ lost: verdict.lost, overlaps: verdict.overlaps, left }).toEqual({
    lost: [],
    overlaps: [],
    left: 0,
  });
  expect(output).not.toContain('PRECONDITION');
  expect(verdict.runs.length).toBeLessThanOrEqual(1.05 * 1000);
}, 180_000);

test('a queue that was not told the timeout of the broker loses its channels', async (context) => {
  await using broker = await impatientBroker(context);
  const seed = chooseSeed();

  const { verdict, output } = await workOff(broker, seed, { keys: 500, ackTimeoutMs: 30 * 60_000 });

  const closedChannels = output.split('PRECONDITION').length - 1;
  recordFigures({ story: 'ack timeout, control', seed, closedChannels, runs: verdict.runs.length });
  expect(output).toContain('PRECONDITION');
}, 180_000);
