import { expect, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import {
  queueContract,
  type QueueContractOptions,
  type TestedQueue,
} from '@kubeloop/workqueue-conformance';
import { faults } from './faults.ts';
import { RecordingRunner } from './recording-runner.ts';
import { sharedFaults } from './shared-faults.ts';
import { sharedAbilities } from './shared-queue.ts';

type Engine<Q extends TestedQueue> = Pick<
  QueueContractOptions<Q>,
  'open' | 'openAnother' | 'abilities'
>;

/** What fails, and out of how many. */
async function run<Q extends TestedQueue>(clock: FakeClock, engine: Engine<Q>) {
  const runner = new RecordingRunner();
  queueContract({
    ...engine,
    describe: runner.describe,
    test: runner.test,
    time: { advance: (ms) => clock.stepAsync(ms) },
    seed: 1,
  });
  const outcomes = await runner.run();
  const failed = outcomes.filter(({ error }) => error !== undefined).map(({ title }) => title);
  return { failed, total: outcomes.length };
}

test.each(faults)('a queue that $fault is found', async ({ open, abilities, found }) => {
  const clock = new FakeClock();

  const { failed, total } = await run(clock, { open: () => open(clock), abilities });

  expect(failed).toEqual(expect.arrayContaining([...found]));
  // What else is right goes on to pass: one fault does not fail everything.
  expect(failed.length).toBeLessThan(total / 2);
});

test.each(sharedFaults)('a shared queue that $fault is found', async ({ open, found }) => {
  const clock = new FakeClock();

  const { failed, total } = await run(clock, {
    open: () => open(clock),
    openAnother: (queue) => queue.another(),
    abilities: sharedAbilities,
  });

  expect(failed).toEqual(expect.arrayContaining([...found]));
  expect(failed.length).toBeLessThan(total / 2);
});
