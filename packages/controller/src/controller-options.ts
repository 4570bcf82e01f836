import type { Clock, RateLimiter } from '@kubeloop/ratelimiter';
import type { Queue, QueueMetricsProvider } from '@kubeloop/workqueue';
import type { ReconcileBarrier } from './consistency/barrier.ts';
import type { ControllerMetricsProvider, ReconcileCounters } from './controller-metrics.ts';
import type { Logger } from './logger.ts';
import {
  checkBoolean,
  checkDuration,
  checkFunction,
  checkGiven,
  checkMethods,
  checkPositiveInteger,
  describeValue,
} from './option-checks.ts';
import type { RunningReconcile } from './reconcile-run.ts';
import type { Reconciler } from './request.ts';
import type { Source, SourceDescription } from './source.ts';
import type { Tracer } from './tracer.ts';

/** How a controller works; each can be set for one controller, or in the manager for all. */
export interface ControllerSettings {
  /** How many reconciles run at once at most; never two for the same key. Default 1. */
  readonly maxConcurrentReconciles?: number | undefined;
  /**
   * Delays of failing keys. Default 5 ms · 2ⁿ up to 1000 s for each key, as controller-runtime has it with its priority
   * queue; `defaultControllerRateLimiter()` adds a limit over all keys.
   */
  readonly rateLimiter?: RateLimiter<string> | undefined;
  /**
   * Makes the queue, once, when the controller starts. Everything the queue returns is awaited, so it may live in another
   * process. When it fails it is called again after a delay. Default: a `PriorityQueue`.
   */
  readonly newQueue?:
    | ((name: string, rateLimiter: RateLimiter<string>) => Queue<string> | Promise<Queue<string>>)
    | undefined;
  /**
   * How long the sources may take before a report names those that are missing and why. The controller goes on waiting
   * and reports again after each such time: unlike controller-runtime's, it ends neither itself nor its neighbours.
   * Default 120,000. Zero means no report.
   */
  readonly cacheSyncTimeoutMs?: number | undefined;
  /**
   * How long a key must be quiet before an event of a source asks for its reconcile: each further event starts the time
   * again, so a key that never rests is never reconciled. Requeues and `enqueue` are not held back, nor are events whose
   * handler sets a delay itself. Default 0: not at all.
   */
  readonly debounceMs?: number | undefined;
  /** After this time the signal of a reconcile aborts. Default 0, which means never. */
  readonly reconcileTimeoutMs?: number | undefined;
  /**
   * Whether a mistake in the program, thrown by the reconciler, is an error as any other. With `false` it ends the manager,
   * in order, and `run` rejects with it; the reconcile counts as failed. A mistake is a `TypeError` without a cause, a
   * `RangeError`, a `ReferenceError`, a `SyntaxError`, an `EvalError` or a `URIError`. Default `true`, as in
   * controller-runtime, where the same setting is about panics.
   */
  readonly recoverPanic?: boolean | undefined;
  /**
   * Whether it works only while its manager leads, when that takes part in a leader election. Default `true`; `false` is for
   * work that each process has to do by itself.
   */
  readonly needsLeaderElection?: boolean | undefined;
  /**
   * Whether it starts its sources and fills its queue while its manager waits for the leadership, so that it can work as
   * soon as it leads. Default `false`, as in controller-runtime: the caches are filled anyway, and handing over from them
   * takes little time. Where it is set, predicates, map functions and event handlers run in the processes that wait too,
   * their queues show in the metrics, and they are ready only when warm. Nothing without leader election.
   */
  readonly warmup?: boolean | undefined;
  /**
   * Whether a manager runs it even while another manager of the process runs a controller of the same name. Their metrics
   * and log entries cannot be told apart then. Default `false`.
   */
  readonly skipNameValidation?: boolean | undefined;
  /**
   * Whether an update that a reconcile has made itself is no reason for the same request to be reconciled again. Only what
   * is written through a `consistentClient`, during the reconcile, and with the `metadata.resourceVersion` on which it is
   * based counts, and only if nobody else has written in between: a change of anybody else is never left out. Set it for a
   * reconciler that goes on to its end after a write; one that returns after a write, to be called again by its event, does
   * not work with it. Default `false`, as with controller-runtime.
   */
  readonly skipOwnEvents?: boolean | undefined;
  /**
   * Whether reconciles are told what asked for them, in `context.causes`. It takes memory for each key that waits. Default
   * `false`; a tracer turns it on.
   */
  readonly causes?: boolean | undefined;
  /** Makes a span for each reconcile and for each event that asks for one. Default: the manager's, or no spans. */
  readonly tracer?: Tracer | undefined;
  /** Where reports go. Default: the manager's; without one, as with {@link ManagerOptions.logger}. */
  readonly logger?: Logger | undefined;
}

/** Settings of all controllers of a manager. */
export interface CommonControllerSettings extends ControllerSettings {
  /**
   * `maxConcurrentReconciles` by the kind that a controller is `for`, such as `{ 'Deployment.apps': 4, Pod: 2 }`: the kind
   * and, unless it is empty, the group. A number set for one controller goes before it. Default none.
   */
  readonly groupKindConcurrency?: Readonly<Record<string, number>> | undefined;
}

/** What a {@link Controller} is made of. */
export interface ControllerOptions extends ControllerSettings {
  /** Names it in the log, in metrics and in messages. */
  readonly name: string;
  /** Brings one object to its desired state. */
  readonly reconcile: Reconciler;
  /** Where its requests come from. */
  readonly sources: readonly Source[];
  /** What each reconcile waits for; one that waits too long is put back with a delay. Default nothing. */
  readonly barrier?: ReconcileBarrier | undefined;
  /** How long running reconciles may go on after the stop before their signals abort. Default 30,000. */
  readonly gracefulShutdownTimeoutMs?: number | undefined;
  /** Who is told of reconciles. Default nobody. */
  readonly metrics?: ControllerMetricsProvider | undefined;
  /** Who is told of the queue, unless `newQueue` makes it. Default nobody. */
  readonly queueMetrics?: QueueMetricsProvider | undefined;
  /** Default: the clock of the process. */
  readonly clock?: Clock | undefined;
}

/** What a run of a {@link Controller} is told; a manager tells it. */
export interface ControllerRunOptions {
  /** Aborts when it has to stop. */
  readonly signal: AbortSignal;
  /**
   * Resolves when this process leads: workers begin then, and so do sources unless {@link ControllerSettings.warmup} lets
   * them begin before. Default: at once. What it rejects with ends the run.
   */
  readonly leading?: Promise<void> | undefined;
  /** Asked right before each reconcile whether it may begin; if not, its key is put back. Default: it may. */
  readonly isLeader?: (() => boolean) | undefined;
  /** Called once, when all sources have synced. Default: nobody is told. */
  readonly onSynced?: (() => void) | undefined;
}

/**
 * Where a controller is in its life: `waiting` means that not all of its sources have synced, `standby` that it works as soon
 * as this process leads.
 */
export type ControllerState = 'new' | 'waiting' | 'standby' | 'running' | 'stopping' | 'stopped';

/** How far a controller's queue is. */
export interface QueueState {
  /** Whether `newQueue` has answered with one. Sources do not start before. */
  readonly isReady: boolean;
  /** What it failed with last; `undefined` when it has not, or is ready. */
  readonly lastError: unknown;
}

/** What a controller does at this moment. */
export interface ControllerDescription {
  /** The controller's name. */
  readonly name: string;
  /** Where it is in its life. */
  readonly state: ControllerState;
  /** How far each source is. */
  readonly sources: readonly SourceDescription[];
  /** How far the queue of `newQueue` is; `undefined` of a controller that makes its own, which cannot fail. */
  readonly queue?: QueueState | undefined;
  /** Keys that wait to be handed out. */
  readonly queued: number;
  /** Reconciles that have begun and not ended. */
  readonly running: readonly RunningReconcile[];
  /** What it has done so far. */
  readonly counters: ReconcileCounters;
}

/** Refuses settings that cannot work. */
export function checkSettings(settings: ControllerSettings): void {
  const { maxConcurrentReconciles, reconcileTimeoutMs, cacheSyncTimeoutMs, newQueue } = settings;
  const { debounceMs, needsLeaderElection, warmup } = settings;
  if (maxConcurrentReconciles !== undefined)
    checkPositiveInteger('maxConcurrentReconciles', maxConcurrentReconciles);
  if (reconcileTimeoutMs !== undefined) checkDuration('reconcileTimeoutMs', reconcileTimeoutMs);
  if (cacheSyncTimeoutMs !== undefined) checkDuration('cacheSyncTimeoutMs', cacheSyncTimeoutMs);
  if (debounceMs !== undefined) checkDuration('debounceMs', debounceMs);
  if (needsLeaderElection !== undefined) checkBoolean('needsLeaderElection', needsLeaderElection);
  if (warmup !== undefined) checkBoolean('warmup', warmup);
  if (settings.causes !== undefined) checkBoolean('causes', settings.causes);
  if (settings.recoverPanic !== undefined) checkBoolean('recoverPanic', settings.recoverPanic);
  if (settings.skipOwnEvents !== undefined) checkBoolean('skipOwnEvents', settings.skipOwnEvents);
  checkTracer(settings.tracer);
  if (newQueue !== undefined) checkFunction('newQueue', newQueue);
  if (settings.rateLimiter !== undefined)
    checkMethods('this rateLimiter', settings.rateLimiter, ['when', 'forget', 'numRequeues']);
  checkLogger(settings.logger);
}

/** Refuses settings of a manager that cannot work. */
export function checkCommonSettings(settings: CommonControllerSettings): void {
  checkSettings(settings);
  const { groupKindConcurrency } = settings;
  if (groupKindConcurrency === undefined) return;
  checkMethods('this groupKindConcurrency', groupKindConcurrency, []);
  for (const [kind, count] of Object.entries(groupKindConcurrency))
    checkPositiveInteger(`groupKindConcurrency of "${kind}"`, count);
}

/** Refuses what is given as a logger and is none. */
export function checkLogger(logger: Logger | undefined): void {
  if (typeof logger === 'function')
    throw new TypeError(
      'Cannot use a function as logger: give what it makes, such as consoleLogger()',
    );
  if (logger !== undefined)
    checkMethods('this logger', logger, ['debug', 'info', 'warn', 'error', 'child']);
}

/** Refuses what is given as a tracer and is none. */
export function checkTracer(tracer: Tracer | undefined): void {
  if (tracer !== undefined) checkMethods('this tracer', tracer, ['startSpan', 'startActiveSpan']);
}

/** Refuses options that make no controller. */
export function checkOptions(options: ControllerOptions): void {
  checkGiven('Cannot make a controller', options);
  if (typeof options.name !== 'string' || options.name === '')
    throw new TypeError('Cannot make a controller without a name');
  checkFunction(`the reconciler of controller "${options.name}"`, options.reconcile);
  if (!Array.isArray(options.sources))
    throw new TypeError(
      `Cannot use ${describeValue(options.sources)} as sources of controller "${options.name}": give an array`,
    );
  if (options.sources.length === 0)
    throw new TypeError(
      `Cannot make controller "${options.name}" without a source: nothing would ever be reconciled`,
    );
  checkSettings(options);
  if (options.barrier !== undefined) checkMethods('this barrier', options.barrier, ['wait']);
  if (options.gracefulShutdownTimeoutMs !== undefined)
    checkDuration('gracefulShutdownTimeoutMs', options.gracefulShutdownTimeoutMs);
}
