import { pods, services } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';
import type { ElectionRig } from './support/election-rig.ts';
import { electionRig } from './support/election-rig.ts';
import { forbidden } from './support/memory-client.ts';

interface Outcome {
  error: unknown;
  isEnded: boolean;
}

/** Runs a manager whose Pods cannot be listed. */
function runForbidden(rig: ElectionRig): Outcome {
  const outcome: Outcome = { error: undefined, isEnded: false };
  rig.client.resource(pods).error = forbidden();
  void rig
    .run()
    .catch((error: unknown) => (outcome.error = error))
    .finally(() => (outcome.isEnded = true));
  return outcome;
}

function addPods(
  rig: ElectionRig,
  settings: { cacheSyncTimeoutMs?: number; warmup?: boolean },
): void {
  rig.manager
    .controller('pods')
    .for(pods)
    .withOptions(settings)
    .reconcile(() => {});
}

describe('a manager that stops when caches take too long', () => {
  const stopOnCacheSyncTimeout = true;

  test('rejects with the source and its cause, two minutes after the start unless that is said', async () => {
    const rig = electionRig({ leaderElection: undefined, stopOnCacheSyncTimeout });
    addPods(rig, {});
    const outcome = runForbidden(rig);

    await rig.clock.stepAsync(119_999);
    const before = outcome.isEnded;
    await rig.clock.stepAsync(10);

    expect([before, outcome.isEnded]).toEqual([false, true]);
    expect(outcome.error).toMatchObject({
      message:
        'Cannot start controller "pods" within 120000 ms: Controller "pods" waits for source "for pods": not allowed',
    });
    expect(rig.clock.pending).toBe(0);
  });

  test('counts from the beginning of the leadership, before which sources do not start', async () => {
    const rig = electionRig({ stopOnCacheSyncTimeout, cacheSyncTimeoutMs: 1000 });
    addPods(rig, {});
    const outcome = runForbidden(rig);
    await rig.clock.stepAsync(5000);
    const whileWaiting = outcome.isEnded;

    rig.election.win();
    await rig.clock.stepAsync(1001);

    expect([whileWaiting, outcome.isEnded]).toEqual([false, true]);
  });

  test('counts from the start for a controller that warms up', async () => {
    const rig = electionRig({ stopOnCacheSyncTimeout, cacheSyncTimeoutMs: 1000 });
    addPods(rig, { warmup: true });
    const outcome = runForbidden(rig);

    await rig.clock.stepAsync(1001);

    expect(outcome.isEnded).toBe(true);
  });

  test('goes by the time of the controller, and zero means never', async () => {
    const rig = electionRig({
      leaderElection: undefined,
      stopOnCacheSyncTimeout,
      cacheSyncTimeoutMs: 1000,
    });
    addPods(rig, { cacheSyncTimeoutMs: 0 });
    rig.manager
      .controller('services')
      .for(services)
      .reconcile(() => {});
    const outcome = runForbidden(rig);
    await rig.clock.stepAsync(600_000);
    expect(outcome.isEnded).toBe(false);

    rig.stop();
    await rig.clock.stepAsync(10);

    expect(outcome).toEqual({ error: undefined, isEnded: true });
  });

  test('is not what a manager does by itself', async () => {
    const rig = electionRig({ leaderElection: undefined, cacheSyncTimeoutMs: 1000 });
    addPods(rig, {});
    const outcome = runForbidden(rig);

    await rig.clock.stepAsync(600_000);

    expect(outcome.isEnded).toBe(false);
    rig.stop();
    await rig.clock.stepAsync(10);
    expect(outcome).toEqual({ error: undefined, isEnded: true });
  });
});
