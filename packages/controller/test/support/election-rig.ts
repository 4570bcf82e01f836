import { pods } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { ManagerOptions, Runnable } from '../../src/manager-options.ts';
import { Manager } from '../../src/manager.ts';
import { ManualElection } from './manual-election.ts';
import { MemoryClient } from './memory-client.ts';
import { recordingLogger } from './recording-logger.ts';

/** A manager on a clock that stands still, with an election that the test decides. */
export interface ElectionRig {
  readonly manager: Manager;
  readonly client: MemoryClient;
  readonly clock: FakeClock;
  readonly election: ManualElection;
  readonly logger: ReturnType<typeof recordingLogger>;
  /** What the reconciler and the runnables of the test, and the election, have done. */
  readonly log: string[];
  readonly run: () => Promise<void>;
  /** Asks for the stop. */
  readonly stop: () => void;
}

export function electionRig(options: Partial<ManagerOptions> = {}): ElectionRig {
  const client = new MemoryClient();
  const clock = new FakeClock();
  const election = new ManualElection();
  const logger = recordingLogger();
  const manager = new Manager({
    client: client.asClient,
    clock,
    logger: logger.logger,
    leaderElection: election.elect,
    ...options,
  });
  const stop = new AbortController();
  return {
    manager,
    client,
    clock,
    election,
    logger,
    log: election.log,
    run: () => manager.run({ signal: stop.signal }),
    stop: () => stop.abort(),
  };
}

/** Runs until its signal aborts, and says so. */
export function runnable(log: string[], name: string, needsLeaderElection?: boolean): Runnable {
  const run = async ({ signal }: { readonly signal: AbortSignal }): Promise<void> => {
    log.push(`${name} starts`);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    log.push(`${name} ends`);
  };
  return { name, needsLeaderElection, run };
}

/** A controller of Pods whose reconciles last until they are aborted or released. */
export function slowController({ manager, client, log }: ElectionRig): PromiseWithResolvers<void> {
  const gate = Promise.withResolvers<void>();
  client.resource(pods).add('a');
  client.resource(pods).add('b');
  manager
    .controller('slow')
    .for(pods)
    .reconcile(async ({ name }, { signal }) => {
      log.push(`${name} begins`);
      signal.addEventListener('abort', () => log.push(`${name} is aborted`));
      const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
      await Promise.race([gate.promise, aborted]);
      log.push(`${name} ends`);
    });
  return gate;
}
