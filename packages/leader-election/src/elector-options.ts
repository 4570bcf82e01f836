import { systemClock, type Clock } from '@kubeloop/ratelimiter';
import {
  checkDuration,
  checkFlag,
  checkFunction,
  checkMethods,
  checkName,
  checkOptions,
} from './checks.ts';
import type { LeaderElectionMetrics } from './metrics.ts';
import type { ResourceLock } from './resource-lock.ts';

/** How much longer than a retry period a try of those who wait may be put off: by a random part of 1.2 periods. client-go's `JitterFactor`. */
export const jitterFactor = 1.2;

/** What a `LeaderElector` is made of. The times are those of client-go, and so are the rules between them. */
export interface LeaderElectorOptions {
  /** What the election is about. It belongs to this elector alone. */
  readonly lock: ResourceLock;
  /** For how long others leave the lock alone after they have seen it change, in milliseconds: a whole number of seconds, since a Lease stores seconds. Default 15,000. */
  readonly leaseDurationMs?: number | undefined;
  /** For how long a leader goes on after its last renewal was sent, in milliseconds. Less than the lease duration. Default 10,000. */
  readonly renewDeadlineMs?: number | undefined;
  /** The time between two tries, in milliseconds; those who wait add a random part of up to 1.2 times as much. 1.2 of it are less than the renew deadline. Default 2,000. */
  readonly retryPeriodMs?: number | undefined;
  /**
   * Whether a leader that is stopped gives the lock away, so that the next one need not wait until the lease expires. It happens once the promise
   * of `onStartedLeading` has settled, so that promise has to stand for all the work. Default false, as in client-go.
   */
  readonly releaseOnCancel?: boolean | undefined;
  /**
   * Whether one who waits watches the lock, if it can be watched, and tries at once when it was given away. Otherwise it finds that out by
   * its next try, as in client-go. It needs the permission to `watch` the Lease: without it that is told once, and all goes on by tries. One who leads
   * does not watch, nor does anybody in a coordinated election. Default true.
   */
  readonly wakeOnRelease?: boolean | undefined;
  /** For how long the work may go on after a stop, in milliseconds; until then the lock is renewed. 0 waits for nothing. Default 30,000. */
  readonly drainTimeoutMs?: number | undefined;
  /**
   * Called once when this process leads. The signal aborts as soon as it must not act as the leader any more; `isLeader` says
   * so even before a timer could, as in a process that was paused: ask it right before each step. When the deadline has passed
   * the signal has aborted by the time it answers `false`. The promise
   * settles when all the work has ended; a rejection before the signal aborts ends the leadership, and `run` rejects with it.
   * Returning early is fine as long as `releaseOnCancel` is off: the leadership goes on.
   */
  readonly onStartedLeading: (signal: AbortSignal, isLeader: () => boolean) => Promise<void> | void;
  /** Called once at the end of every `run`, also of one that never led. Default: nobody; the end of `run` says the same. */
  readonly onStoppedLeading?: (() => void) | undefined;
  /** Told of every change of leader that is seen, this process included; an empty identity is a lock that was given away. Default: nobody. */
  readonly onNewLeader?: ((identity: string) => void) | undefined;
  /** Whether the cluster chooses the leader (KEP-4355). The elector then only renews what it was given; see `LeaseCandidate`. Default false. */
  readonly coordinated?: boolean | undefined;
  /** The name for metrics and for the message of `check`. Default: what the lock says of itself. */
  readonly name?: string | undefined;
  /** Where to count. Default: nowhere. */
  readonly metrics?: LeaderElectionMetrics | undefined;
  /** Hears of failed tries and watches, and of callbacks that threw, with the name of what was done. Default: a warning of the process. */
  readonly onError?: ((error: unknown, action: string) => void) | undefined;
  /** Measures all times. Default: the system's monotonic clock. */
  readonly clock?: Clock | undefined;
  /** The wall clock, in milliseconds since 1970, for the times that are written into the record and that nobody reckons with. Default `Date.now`. */
  readonly wallClock?: (() => number) | undefined;
  /** A number from 0 up to 1, for the jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

type Defaulted =
  | 'leaseDurationMs'
  | 'renewDeadlineMs'
  | 'retryPeriodMs'
  | 'releaseOnCancel'
  | 'wakeOnRelease'
  | 'drainTimeoutMs'
  | 'coordinated'
  | 'name'
  | 'clock'
  | 'wallClock'
  | 'random';

/** Options without gaps. */
export type ElectorSettings = LeaderElectorOptions & {
  readonly [K in Defaulted]-?: NonNullable<LeaderElectorOptions[K]>;
} & {
  /** How long one call of the lock may take: half the renew deadline and at least a second, as in controller-runtime. */
  readonly callTimeoutMs: number;
};

/**
 * Fills the gaps of options and refuses those that no election can be held by.
 *
 * @throws TypeError for a lock, identity, callback or other option that is none
 * @throws RangeError unless lease duration > renew deadline > retry period × 1.2 > 0 and the lease duration is a whole number of seconds
 */
export function electorSettings(options: LeaderElectorOptions): ElectorSettings {
  checkParts(options);
  const settings = {
    ...options,
    leaseDurationMs: options.leaseDurationMs ?? 15_000,
    renewDeadlineMs: options.renewDeadlineMs ?? 10_000,
    retryPeriodMs: options.retryPeriodMs ?? 2_000,
    releaseOnCancel: options.releaseOnCancel ?? false,
    wakeOnRelease: options.wakeOnRelease ?? true,
    drainTimeoutMs: options.drainTimeoutMs ?? 30_000,
    coordinated: options.coordinated ?? false,
    name: options.name ?? options.lock.describe(),
    clock: options.clock ?? systemClock,
    wallClock: options.wallClock ?? ((): number => Date.now()),
    random: options.random ?? ((): number => Math.random()),
  };
  checkTimes(settings);
  return { ...settings, callTimeoutMs: Math.max(1_000, settings.renewDeadlineMs / 2) };
}

function checkParts(options: LeaderElectorOptions): void {
  checkOptions('Cannot make an elector', options);
  const methods = ['get', 'create', 'update', 'recordEvent', 'describe'];
  checkMethods('the lock', options.lock, methods);
  if (options.lock.watch !== undefined) checkMethods('the lock', options.lock, ['watch']);
  checkName('the identity of the lock', options.lock.identity);
  checkFunction('onStartedLeading', options.onStartedLeading);
  for (const name of ['onStoppedLeading', 'onNewLeader', 'onError', 'wallClock', 'random'] as const)
    if (options[name] !== undefined) checkFunction(name, options[name]);
  for (const name of ['releaseOnCancel', 'wakeOnRelease', 'coordinated'] as const)
    if (options[name] !== undefined) checkFlag(name, options[name]);
  if (options.clock !== undefined) checkMethods('the clock', options.clock, ['now', 'setTimeout']);
  const calls = ['on', 'off', 'slowpathExercised'];
  if (options.metrics !== undefined) checkMethods('the metrics', options.metrics, calls);
  if (options.name !== undefined) checkName('name', options.name);
}

function checkTimes(settings: Omit<ElectorSettings, 'callTimeoutMs'>): void {
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = settings;
  checkDuration('drainTimeoutMs', settings.drainTimeoutMs);
  for (const name of ['leaseDurationMs', 'renewDeadlineMs', 'retryPeriodMs'] as const) {
    checkDuration(name, settings[name]);
    if (settings[name] === 0)
      throw new RangeError(`Cannot use 0 as ${name}: it must be more than nothing`);
  }
  if (leaseDurationMs % 1_000 !== 0)
    throw new RangeError(
      `Cannot use ${leaseDurationMs} as leaseDurationMs: a Lease stores whole seconds, and others would reckon with less`,
    );
  if (leaseDurationMs <= renewDeadlineMs)
    throw new RangeError(
      `Cannot use ${leaseDurationMs} as leaseDurationMs: it must be more than renewDeadlineMs, which is ${renewDeadlineMs}`,
    );
  if (renewDeadlineMs <= retryPeriodMs * jitterFactor)
    throw new RangeError(
      `Cannot use ${renewDeadlineMs} as renewDeadlineMs: it must be more than ${jitterFactor} times retryPeriodMs, which is ${retryPeriodMs}`,
    );
}
