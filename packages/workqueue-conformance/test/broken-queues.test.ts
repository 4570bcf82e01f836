import { expect, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import {
  queueContract,
  type QueueContractOptions,
  type TestedQueue,
} from '@kubeloop/workqueue-conformance';
import { type Fault, faults } from './faults.ts';
import { RecordingRunner } from './recording-runner.ts';
import { type SharedFault, sharedFaults } from './shared-faults.ts';
import { sharedAbilities } from './shared-queue.ts';

type Engine<Q extends TestedQueue> = Pick<
  QueueContractOptions<Q>,
  'open' | 'openAnother' | 'abilities'
>;

interface Run {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

/** What passes and what fails. */
async function run<Q extends TestedQueue>(clock: FakeClock, engine: Engine<Q>): Promise<Run> {
  const runner = new RecordingRunner();
  queueContract({
    ...engine,
    describe: runner.describe,
    test: runner.test,
    time: { advance: (ms) => clock.stepAsync(ms) },
    seed: 1,
  });
  const outcomes = await runner.run();
  const titlesOf = (hasFailed: boolean): string[] =>
    outcomes.flatMap(({ title, error }) => ((error !== undefined) === hasFailed ? [title] : []));
  return { passed: titlesOf(false), failed: titlesOf(true) };
}

function runAlone({ open, abilities }: Fault): Promise<Run> {
  const clock = new FakeClock();
  return run(clock, { open: () => open(clock), abilities });
}

function runShared({ open }: SharedFault): Promise<Run> {
  const clock = new FakeClock();
  return run(clock, {
    open: () => open(clock),
    openAnother: (queue) => queue.another(),
    abilities: sharedAbilities,
  });
}

const all: Run[] = [];

test.each(faults)('a queue that $fault is found', async (fault) => {
  const result = await runAlone(fault);
  all.push(result);

  expect(result.failed).toEqual(expect.arrayContaining([...fault.found]));
  // What else is right goes on to pass, so that what fails tells something.
  expect(result.passed.length).toBeGreaterThan(20);
});

test.each(sharedFaults)('a shared queue that $fault is found', async (fault) => {
  const result = await runShared(fault);
  all.push(result);

  expect(result.failed).toEqual(expect.arrayContaining([...fault.found]));
  expect(result.passed.length).toBeGreaterThan(20);
});

// After the others, of which it makes use.
test('each test of the contract is failed by a broken queue', () => {
  const titles = new Set(all.flatMap(({ passed, failed }) => [...passed, ...failed]));
  const failed = new Set(all.flatMap((result) => result.failed));

  expect(all.length).toBe(faults.length + sharedFaults.length);
  expect([...titles].filter((title) => !failed.has(title))).toEqual([]);
});
