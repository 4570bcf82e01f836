import type { QueueMetricsProvider } from '@kubeloop/workqueue';
import type { ClusterSettings } from './cluster-options.ts';
import { checkClusterSettings } from './cluster-options.ts';
import type { CommonControllerSettings, ControllerDescription } from './controller-options.ts';
import { checkCommonSettings, checkLogger, checkTracer } from './controller-options.ts';
import type { HealthOptions } from './health/health-options.ts';
import { checkHealthOptions } from './health/health-options.ts';
import type { LeaderElection, LeadershipState } from './leadership.ts';
import type { Logger } from './logger.ts';
import type { ManagerMetrics } from './manager-metrics.ts';
import type { Tracer } from './tracer.ts';
import { checkBoolean, checkDuration, checkFunction, checkMethods } from './option-checks.ts';

/** What a manager is made of. */
export interface ManagerOptions extends ClusterSettings {
  /**
   * How this process comes to lead. Until then controllers and runnables that need leader election do not work, and caches
   * are filled all the same. Default: no election, and everything works at once.
   *
   * @example
   * leaderElection: (onStartedLeading, { signal }) =>
   *   new LeaderElector({ lock, onStartedLeading, releaseOnCancel: true }).run({ signal })
   */
  readonly leaderElection?: LeaderElection | undefined;
  /**
   * Where reports go; `consoleLogger()` writes them to the console. Default nowhere, except that the first failure becomes a warning of
   * the process; `quietLogger` keeps that back, too.
   */
  readonly logger?: Logger | undefined;
  /**
   * As in {@link CommonControllerSettings.cacheSyncTimeoutMs}, for all controllers. So long at most the manager puts off the leader
   * election until all controllers with `warmup` are warm; zero means that it does not wait for them. Default 120,000.
   */
  readonly cacheSyncTimeoutMs?: number | undefined;
  /**
   * Whether the manager stops, and `run` rejects, when a controller whose sources may start has not synced all of them
   * within its `cacheSyncTimeoutMs`, as controller-runtime does. Default `false`: that controller waits, readiness names the
   * source and its cause, the others work, and it joins when it can.
   */
  readonly stopOnCacheSyncTimeout?: boolean | undefined;
  /**
   * How long the stop may take: running reconciles may go on for so long before their signals abort, and what else does not
   * end within 5 seconds more is left behind and named. Default 30,000. Stay below the Pod's
   * `terminationGracePeriodSeconds`.
   */
  readonly gracefulShutdownTimeoutMs?: number | undefined;
  /** Settings of all controllers that do not say otherwise. */
  readonly controllers?: CommonControllerSettings | undefined;
  /** Where `/healthz` and `/readyz` are served. Default: nowhere; `manager.checkHealth` tells the same. */
  readonly health?: HealthOptions | undefined;
  /** Who is told of reconciles, default queues, informers and their lists and watches. Default nobody. */
  readonly metrics?: ManagerMetrics | undefined;
  /** Makes a span for each reconcile and for each event that asks for one. Default: no spans. */
  readonly tracer?: Tracer | undefined;
  /** Who is told of the default queues. Default: the `queue` of `metrics`. */
  readonly queueMetrics?: QueueMetricsProvider | undefined;
}

/** Something that runs beside the controllers. */
export interface Runnable {
  /** Names it in reports. */
  readonly name?: string | undefined;
  /**
   * Whether it runs only while the manager leads, when that takes part in a leader election. Default `true`, as in
   * controller-runtime: whoever forgets it starves and does not do twice what must be done once.
   */
  readonly needsLeaderElection?: boolean | undefined;
  /**
   * Whether it answers from outside, such as a server for metrics: then it starts before everything else, the caches
   * included, stops last, and needs no leader election. Default `false`.
   */
  readonly isServer?: boolean | undefined;
  /**
   * Of a server: resolves when it can be reached, and is asked once, after `run` was called. Until then nothing else starts; when
   * it rejects, or `run` does, nothing else ever does. Default: the server is not waited for.
   */
  listening?(options: { readonly signal: AbortSignal }): Promise<unknown>;
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
  /**
   * Why it is not ready: one sentence for each source that a controller waits for, or that was added while it works and is
   * not there yet, with what failed there last.
   */
  readonly notReady: readonly string[];
  /** Each controller, with its sources and why those that are missing are. */
  readonly controllers: readonly ControllerDescription[];
}

/** Refuses options that make no manager. */
export function checkManagerOptions(options: ManagerOptions): void {
  checkClusterSettings('a manager', options);
  if (options.cacheSyncTimeoutMs !== undefined)
    checkDuration('cacheSyncTimeoutMs', options.cacheSyncTimeoutMs);
  if (options.stopOnCacheSyncTimeout !== undefined)
    checkBoolean('stopOnCacheSyncTimeout', options.stopOnCacheSyncTimeout);
  if (options.gracefulShutdownTimeoutMs !== undefined)
    checkDuration('gracefulShutdownTimeoutMs', options.gracefulShutdownTimeoutMs);
  if (options.leaderElection !== undefined) checkFunction('leaderElection', options.leaderElection);
  checkMetrics(options.metrics);
  if (options.health !== undefined) checkHealthOptions(options.health);
  checkLogger(options.logger);
  checkTracer(options.tracer);
  checkCommonSettings(options.controllers ?? {});
}

function checkMetrics(metrics: unknown): void {
  if (metrics === undefined) return;
  checkMethods('these metrics', metrics, []);
  // An object, as was just checked.
  const given = metrics as object;
  for (const name of ['forController', 'queue', 'forInformer', 'forReflector']) {
    const member: unknown = Reflect.get(given, name);
    if (member !== undefined) checkFunction(`${name} of these metrics`, member);
  }
}

/** Refuses what cannot be run beside the controllers. */
export function checkRunnable(runnable: Runnable): void {
  const { name } = runnable ?? {};
  const what = `runnable ${name === undefined ? 'without a name' : `"${name}"`}`;
  checkMethods(what, runnable, ['run']);
  if (runnable.needsLeaderElection !== undefined)
    checkBoolean(`needsLeaderElection of ${what}`, runnable.needsLeaderElection);
  if (runnable.isServer !== undefined) checkBoolean(`isServer of ${what}`, runnable.isServer);
  if (runnable.isServer && runnable.needsLeaderElection)
    throw new TypeError(
      `Cannot use ${what}: a server starts before the leader election; leave out isServer or needsLeaderElection`,
    );
}
