import type { KubeClient } from '@kubeloop/client';
import type { ReflectorTuning } from '@kubeloop/informer';
import type { Clock } from '@kubeloop/ratelimiter';
import type { QueueMetricsProvider } from '@kubeloop/workqueue';
import type { Consistency } from './consistency/consistent-client.ts';
import type { ControllerDescription, ControllerSettings } from './controller-options.ts';
import { checkLogger, checkSettings } from './controller-options.ts';
import type { LeaderElection, LeadershipState } from './leadership.ts';
import type { Logger } from './logger.ts';
import type { ManagerMetrics } from './manager-metrics.ts';
import {
  checkBoolean,
  checkDuration,
  checkFunction,
  checkMethods,
  describeValue,
} from './option-checks.ts';

/** What a manager is made of. */
export interface ManagerOptions {
  /** The connection to the API server; the caller closes it. Either this or `kubeConfig`. */
  readonly client?: KubeClient | undefined;
  /** What to make a connection from; the manager closes it. Either this or `client`. */
  readonly kubeConfig?: ConstructorParameters<typeof KubeClient>[0] | undefined;
  /** The namespace of all informers that name none. Default: all namespaces. */
  readonly namespace?: string | undefined;
  /** How often handlers are told of everything again. Default 0, which means never. */
  readonly resyncPeriodMs?: number | undefined;
  /**
   * How the informers list and watch, for example their `backoff` and `idleTimeoutMs`: shorter ones recover sooner from a
   * connection that is lost and ask the server more often. One `backoff` is shared by all informers. Default: that of
   * `@kubeloop/reflector`.
   */
  readonly reflector?: ReflectorTuning | undefined;
  /**
   * How this process comes to lead. Until then controllers and runnables that need leader election do not work, and caches
   * are filled all the same. Default: no election, and everything works at once.
   *
   * @example
   * leaderElection: (onStartedLeading, { signal }) =>
   *   new LeaderElector({ lock, onStartedLeading, releaseOnCancel: true }).run({ signal })
   */
  readonly leaderElection?: LeaderElection | undefined;
  /** Where reports go. Default nowhere; `consoleLogger()` writes them to the console. */
  readonly logger?: Logger | undefined;
  /**
   * As in {@link ControllerSettings.cacheSyncTimeoutMs}, for all controllers. So long at most the manager puts off the leader
   * election until all controllers with `warmup` are warm; zero means that it does not wait for them. Default 120,000.
   */
  readonly cacheSyncTimeoutMs?: number | undefined;
  /** How long running reconciles may go on after the stop before their signals abort. Default 30,000. */
  readonly gracefulShutdownTimeoutMs?: number | undefined;
  /**
   * How far controllers are kept from acting on their own past, see {@link Consistency}; only what is written through
   * `manager.consistentClient` counts. Default `barrier`, which costs nothing where nothing is written through it.
   */
  readonly consistency?: Consistency | undefined;
  /**
   * How long caches may take to show own writes before a reconcile is put off or a read of `manager.consistentClient` fails.
   * Default 5,000.
   */
  readonly consistencyTimeoutMs?: number | undefined;
  /** Settings of all controllers that do not say otherwise. */
  readonly controllers?: ControllerSettings | undefined;
  /** Who is told of reconciles, default queues, informers and their lists and watches. Default nobody. */
  readonly metrics?: ManagerMetrics | undefined;
  /** Who is told of the default queues. Default: the `queue` of `metrics`. */
  readonly queueMetrics?: QueueMetricsProvider | undefined;
  /** Default: the clock of the process. */
  readonly clock?: Clock | undefined;
}

/** Something that runs beside the controllers. */
export interface Runnable {
  /** Names it in reports. */
  readonly name?: string | undefined;
  /**
   * Whether it runs only while the manager leads, when that takes part in a leader election. Default `true`, as in
   * controller-runtime: whoever forgets it starves and does not do twice what must be done once. Servers for health checks
   * and metrics need `false`.
   */
  readonly needsLeaderElection?: boolean | undefined;
  /** Runs until the signal aborts; resolves when nothing of it is left. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
}

/** Where a manager is in its life. */
export type ManagerState = 'new' | 'running' | 'stopping' | 'stopped';

/** What a manager does at this moment. */
export interface ManagerDescription {
  /** Where it is in its life. */
  readonly state: ManagerState;
  /** Whether it leads. */
  readonly leadership: LeadershipState;
  /**
   * Whether it runs and each of its controllers works or, in a manager that waits for the leadership, is ready to. A manager
   * that waits is ready, because otherwise a rolling update would wait for it, and it for the Pod that is to be replaced.
   */
  readonly isReady: boolean;
  /** Why it is not ready: one sentence for each source that a controller waits for, with what failed there last. */
  readonly notReady: readonly string[];
  /** Each controller, with its sources and why those that are missing are. */
  readonly controllers: readonly ControllerDescription[];
}

/** Refuses options that make no manager. */
export function checkManagerOptions(options: ManagerOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('Cannot make a manager without options: it needs a client or a kubeConfig');
  if (Boolean(options.client) === Boolean(options.kubeConfig))
    throw new TypeError('Cannot make a manager: it needs a client or a kubeConfig, and not both');
  if (options.cacheSyncTimeoutMs !== undefined)
    checkDuration('cacheSyncTimeoutMs', options.cacheSyncTimeoutMs);
  if (options.gracefulShutdownTimeoutMs !== undefined)
    checkDuration('gracefulShutdownTimeoutMs', options.gracefulShutdownTimeoutMs);
  if (options.consistencyTimeoutMs !== undefined)
    checkDuration('consistencyTimeoutMs', options.consistencyTimeoutMs);
  if (options.leaderElection !== undefined) checkFunction('leaderElection', options.leaderElection);
  if (options.metrics !== undefined) checkMethods('these metrics', options.metrics, []);
  checkConsistency(options.consistency);
  checkNamespace(options.namespace);
  checkLogger(options.logger);
  checkSettings(options.controllers ?? {});
}

function checkConsistency(consistency: unknown): void {
  if (![undefined, 'off', 'at-read', 'barrier'].includes(consistency as undefined))
    // any value may be looked for
    throw new TypeError(
      `Cannot use ${describeValue(consistency)} as consistency: it must be "off", "at-read" or "barrier"`,
    );
}

/** Refuses what could be no part of a path. Empty means all namespaces. */
function checkNamespace(namespace: unknown): void {
  if (namespace === undefined || namespace === '') return;
  if (typeof namespace !== 'string' || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace))
    throw new TypeError(
      `Cannot use ${JSON.stringify(namespace)} as namespace: it must consist of lower case letters, digits and "-"`,
    );
}

/** Refuses what cannot be run beside the controllers. */
export function checkRunnable(runnable: Runnable): void {
  const { name } = runnable ?? {};
  const what = `runnable ${name === undefined ? 'without a name' : `"${name}"`}`;
  checkMethods(what, runnable, ['run']);
  if (runnable.needsLeaderElection !== undefined)
    checkBoolean(`needsLeaderElection of ${what}`, runnable.needsLeaderElection);
}
