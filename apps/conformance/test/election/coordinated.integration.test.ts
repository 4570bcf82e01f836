import { startControlPlaneOrSkip } from '@kubeloop/control-plane';
import { isNotFound, KubeClient, leases } from '@kubeloop/client';
import {
  LeaderElector,
  LeadershipLostError,
  LeaseCandidate,
  LeaseLock,
} from '@kubeloop/leader-election';
import { expect, test } from 'vitest';
import { until } from '../../src/until.ts';

const namespace = 'default';
const leaseName = 'coordinated';

/** A candidate and its elector, which reports what becomes of it. */
class Participant {
  readonly elector: LeaderElector;
  readonly errors: unknown[] = [];
  outcome: unknown;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(client: KubeClient, identity: string, emulationVersion: string) {
    const onError = (error: unknown): void => void this.errors.push(error);
    const candidate = new LeaseCandidate({
      client,
      namespace,
      name: identity,
      leaseName,
      binaryVersion: '2.0.0',
      emulationVersion,
      onError,
    });
    this.elector = new LeaderElector({
      lock: new LeaseLock({ client, namespace, name: leaseName, identity }),
      leaseDurationMs: 5_000,
      renewDeadlineMs: 3_000,
      retryPeriodMs: 500,
      coordinated: true,
      onStartedLeading: () => {},
      onStoppedLeading: () => {},
      onError,
    });
    const { signal } = this.#stop;
    const elected = this.elector.run({ signal }).catch((error: unknown) => {
      this.outcome = error;
    });
    this.#running = Promise.all([candidate.run({ signal }), elected]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

test(
  'the cluster gives a coordinated lease to a candidate, and to a better one when that comes, after the first has stopped',
  { timeout: 120_000 },
  async (context) => {
    await using controlPlane = await startControlPlaneOrSkip(context, {
      controllers: [],
      featureGates: { CoordinatedLeaderElection: true },
      apiServerArgs: ['--runtime-config=coordination.k8s.io/v1beta1=true'],
    });
    const { server, token, ca } = controlPlane;
    await using client = new KubeClient({ server, token, ca });
    const newer = new Participant(client, 'newer', '2.0.0');
    const participants = [newer];
    const isLed = async (): Promise<true | undefined> =>
      newer.elector.isLeader ? true : undefined;

    try {
      await until('the only candidate leads', isLed, 40_000);
      const older = new Participant(client, 'older', '1.0.0');
      participants.push(older);
      let bothLed = false;
      await until(
        'the better candidate leads',
        async () => {
          bothLed ||= newer.elector.isLeader && older.elector.isLeader;
          return older.elector.isLeader ? true : undefined;
        },
        60_000,
      );

      expect(bothLed).toBe(false);
      expect(LeadershipLostError.is(newer.outcome)).toBe(true);
      const { spec } = await client.resource(leases).namespace(namespace).get(leaseName);
      expect(spec).toMatchObject({ holderIdentity: 'older', strategy: 'OldestEmulationVersion' });
      expect(participants.flatMap(({ errors }) => errors).filter(isNotFound)).toEqual([]);
    } finally {
      await Promise.all(participants.map((participant) => participant.stop()));
    }
  },
);
