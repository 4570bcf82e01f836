import { allAbilities } from './abilities.ts';
import { checkOptions, isFake } from './check.ts';
import { delaysContract } from './delays.ts';
import { handlesContract } from './handles.ts';
import { additionsContract, itemsContract } from './items.ts';
import { keysContract } from './keys.ts';
import type { QueueContractOptions, TestedQueue } from './options.ts';
import { paceOf } from './pace.ts';
import { prioritiesContract } from './priorities.ts';
import { refusalsContract } from './refusals.ts';
import { retriesContract } from './retries.ts';
import type { Section } from './section.ts';
import { drainContract, shutdownContract } from './shutdown.ts';
import { onStage } from './stage.ts';
import { unlessTooSlow } from './too-slow.ts';
import { loopsContract, waitingContract } from './waiting.ts';
import { workloadContract } from './workload.ts';

const defaultDelayMs = { fake: 1000, real: 200 };
/** What the queues of `@kubeloop/workqueue` give a first failure, as client-go does. */
const defaultRetryDelayMs = 5;

/**
 * The contract of a work queue as tests: registers them with the test runner that it is given.
 *
 * Each test opens a queue of its own, awaits every call, and shuts down and cleans up what it opened. On fake time nothing sleeps; on
 * real time what must happen is waited for, and only that something does not happen is believed after a pause.
 *
 * What an engine cannot do it says in {@link QueueContractOptions.abilities | abilities}: the tests of that are left out, or hold it to less.
 *
 * @throws TypeError for options of the wrong kind, for an ability of an unknown name, and for `keepsAfterShutdown` without `openAnother`
 * @throws RangeError for durations that are no finite numbers above zero, and for a seed that is no whole number
 *
 * @example
 * ```ts
 * import { describe, test } from 'node:test';
 * import { FakeClock } from '@kubeloop/ratelimiter/testing';
 * import { RateLimitingQueue } from '@kubeloop/workqueue';
 * import { queueContract } from '@kubeloop/workqueue-conformance';
 *
 * const clock = new FakeClock();
 *
 * queueContract({
 *   describe,
 *   test,
 *   open: () => new RateLimitingQueue<string>({ clock }),
 *   time: { advance: (ms) => clock.stepAsync(ms) },
 * });
 * ```
 */
export function queueContract<Q extends TestedQueue>(options: QueueContractOptions<Q>): void {
  checkOptions(options);
  const { open, openAnother, close, time } = options;
  const stageOptions = {
    engine: { open, openAnother, close },
    pace: paceOf(time),
    abilities: allAbilities(options.abilities ?? {}),
    delayMs: options.delayMs ?? (isFake(time) ? defaultDelayMs.fake : defaultDelayMs.real),
    retryDelayMs: options.retryDelayMs ?? defaultRetryDelayMs,
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 32),
  };
  const section: Section = {
    abilities: stageOptions.abilities,
    hasHandles: openAnother !== undefined,
    test: (title, body) =>
      void options.test(title, () => unlessTooSlow(() => onStage(stageOptions, body))),
  };
  for (const [name, contract] of partsFor(section)) {
    const title = options.name === undefined ? name : `${options.name}: ${name}`;
    options.describe(title, () => contract(section));
  }
}

type Part = readonly [name: string, contract: (section: Section) => void];

/** The parts of the contract that the engine takes part in. */
function partsFor({ abilities, hasHandles }: Section): readonly Part[] {
  const parts: (Part | false)[] = [
    ['items', itemsContract],
    ['additions', additionsContract],
    ['keys', keysContract],
    ['waiting for items', waitingContract],
    ['loops', loopsContract],
    abilities.delays && ['delays', delaysContract],
    abilities.retries && ['retries', retriesContract],
    ['priorities', prioritiesContract],
    ['refusals', refusalsContract],
    ['shutdown', shutdownContract],
    ['drain', drainContract],
    ['many producers and workers', workloadContract],
    hasHandles && ['several handles', handlesContract],
  ];
  return parts.filter((part) => part !== false);
}
