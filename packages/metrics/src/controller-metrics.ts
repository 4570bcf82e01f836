import type { Counter, Gauge } from 'prom-client';
import { reconcileBuckets } from './buckets.ts';
import type { FamilyMaker } from './family-maker.ts';
import { Zeroed } from './zeroed-histogram.ts';

/** How a reconcile ended. */
export type ReconcileResult = 'success' | 'error' | 'requeue' | 'requeue_after';

/** The instruments of one controller; what `@kubeloop/controller` calls `ControllerMetrics`. */
export interface ControllerInstruments {
  /** A reconcile has ended. */
  reconciled(result: ReconcileResult, durationMs: number): void;
  /** A reconcile threw. */
  reconcileFailed(isTerminal: boolean): void;
  /** A reconcile ran into its deadline. */
  reconcileTimedOut(): void;
  /** A reconcile was held back until caches showed own writes, or for too long. */
  consistencyWaited(durationMs: number, isTimeout: boolean): void;
  /** A reconcile begins so long after the first event that asked for it. */
  eventToReconcile(latencyMs: number): void;
  /** So many reconciles run now. */
  activeWorkers(count: number): void;
  /** So many may run at once. */
  maxConcurrentReconciles(count: number): void;
}

const labels = ['controller'] as const;
const results: readonly ReconcileResult[] = ['error', 'requeue_after', 'requeue', 'success'];

/** The metrics of the controllers of a registry. */
export class ControllerFamilies {
  readonly #total: Counter<'controller' | 'result'>;
  readonly #errors: Counter<'controller'>;
  readonly #terminalErrors: Counter<'controller'>;
  readonly #panics: Counter<'controller'>;
  readonly #timeouts: Counter<'controller'>;
  readonly #time: Zeroed<'controller'>;
  readonly #maxConcurrent: Gauge<'controller'>;
  readonly #active: Gauge<'controller'>;
  readonly #eventToReconcile: Zeroed<'controller'>;
  readonly #consistencyWait: Zeroed<'controller'>;
  readonly #consistencyTimeouts: Counter<'controller'>;

  constructor(maker: FamilyMaker) {
    const counter = (name: string, help: string): Counter<'controller'> =>
      maker.counter({ name, help, labels });
    const histogram = (name: string, help: string): Zeroed<'controller'> =>
      new Zeroed(maker.histogram({ name, help, labels, buckets: reconcileBuckets }));
    this.#total = maker.counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciles that ended, by result',
      labels: ['controller', 'result'],
    });
    this.#errors = counter(
      'controller_runtime_reconcile_errors_total',
      'Reconciles that threw an error',
    );
    this.#terminalErrors = counter(
      'controller_runtime_terminal_reconcile_errors_total',
      'Reconciles that threw an error after which they are not tried again',
    );
    this.#panics = counter(
      'controller_runtime_reconcile_panics_total',
      'Always zero: JavaScript has errors, and no panics beside them',
    );
    this.#timeouts = counter(
      'controller_runtime_reconcile_timeouts_total',
      'Reconciles that ran into their deadline',
    );
    this.#time = histogram('controller_runtime_reconcile_time_seconds', 'How long reconciles take');
    this.#maxConcurrent = maker.gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'How many reconciles may run at once',
      labels,
    });
    this.#active = maker.gauge({
      name: 'controller_runtime_active_workers',
      help: 'How many reconciles run now',
      labels,
    });
    this.#eventToReconcile = histogram(
      'kubeloop_controller_event_to_reconcile_seconds',
      'From the first event that asks for a reconcile to its beginning',
    );
    this.#consistencyWait = histogram(
      'kubeloop_controller_consistency_wait_seconds',
      'How long reconciles are held back until caches show what the controller has written',
    );
    this.#consistencyTimeouts = counter(
      'kubeloop_controller_consistency_timeouts_total',
      'Reconciles that were put off because caches did not show own writes in time',
    );
  }

  /** The instruments of one controller. All series show zero from now on. */
  controller(name: string): ControllerInstruments {
    const controller = { controller: name };
    for (const result of results) this.#total.inc({ ...controller, result }, 0);
    for (const counter of [this.#errors, this.#terminalErrors, this.#panics, this.#timeouts])
      counter.inc(controller, 0);
    this.#consistencyTimeouts.inc(controller, 0);
    this.#active.set(controller, 0);
    this.#maxConcurrent.set(controller, 0);
    const time = this.#time.labels(controller);
    const eventToReconcile = this.#eventToReconcile.labels(controller);
    const consistencyWait = this.#consistencyWait.labels(controller);
    return {
      reconciled: (result, durationMs) => {
        this.#total.inc({ ...controller, result });
        time.observe(durationMs / 1000);
      },
      reconcileFailed: (isTerminal) => {
        this.#errors.inc(controller);
        if (isTerminal) this.#terminalErrors.inc(controller);
      },
      reconcileTimedOut: () => this.#timeouts.inc(controller),
      consistencyWaited: (durationMs, isTimeout) => {
        consistencyWait.observe(durationMs / 1000);
        if (isTimeout) this.#consistencyTimeouts.inc(controller);
      },
      eventToReconcile: (latencyMs) => eventToReconcile.observe(latencyMs / 1000),
      activeWorkers: (count) => this.#active.set(controller, count),
      maxConcurrentReconciles: (count) => this.#maxConcurrent.set(controller, count),
    };
  }
}
