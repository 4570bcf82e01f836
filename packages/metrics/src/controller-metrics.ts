import { reconcileBuckets } from './buckets.ts';
import type { FamilyMaker, Histograms, Numbers } from './family-maker.ts';
import type { NumberSeries } from './series.ts';

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
  /** The queue took the request of a reconcile back, as one of several processes can. */
  reconcileTakenBack(): void;
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
  readonly #total: Numbers<'controller' | 'result'>;
  readonly #errors: Numbers<'controller'>;
  readonly #terminalErrors: Numbers<'controller'>;
  readonly #panics: Numbers<'controller'>;
  readonly #timeouts: Numbers<'controller'>;
  readonly #time: Histograms<'controller'>;
  readonly #maxConcurrent: Numbers<'controller'>;
  readonly #active: Numbers<'controller'>;
  readonly #eventToReconcile: Histograms<'controller'>;
  readonly #consistencyWait: Histograms<'controller'>;
  readonly #consistencyTimeouts: Numbers<'controller'>;
  readonly #takenBack: Numbers<'controller'>;

  constructor(maker: FamilyMaker) {
    const counter = (name: string, help: string): Numbers<'controller'> =>
      maker.counter({ name, help, labels });
    const histogram = (name: string, help: string): Histograms<'controller'> =>
      maker.histogram({ name, help, labels, buckets: reconcileBuckets });
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
    this.#takenBack = counter(
      'kubeloop_controller_reconciles_taken_back_total',
      'Reconciles whose request the queue took back; no result counts them',
    );
  }

  /** The instruments of one controller. All series show from now on. */
  controller(name: string): ControllerInstruments {
    const own = { controller: name };
    const ended = Object.fromEntries(
      results.map((result) => [result, this.#total.series({ ...own, result })]),
      // Each result has one.
    ) as Record<ReconcileResult, NumberSeries>;
    const errors = this.#errors.series(own);
    const terminalErrors = this.#terminalErrors.series(own);
    this.#panics.series(own);
    const timeouts = this.#timeouts.series(own);
    const time = this.#time.series(own);
    const active = this.#active.series(own);
    const maxConcurrent = this.#maxConcurrent.series(own);
    const eventToReconcile = this.#eventToReconcile.series(own);
    const consistencyWait = this.#consistencyWait.series(own);
    const consistencyTimeouts = this.#consistencyTimeouts.series(own);
    const takenBack = this.#takenBack.series(own);
    return {
      reconciled: (result, durationMs) => {
        ended[result].inc();
        time.observe(durationMs / 1000);
      },
      reconcileFailed: (isTerminal) => {
        errors.inc();
        if (isTerminal) terminalErrors.inc();
      },
      reconcileTimedOut: () => timeouts.inc(),
      reconcileTakenBack: () => takenBack.inc(),
      consistencyWaited: (durationMs, isTimeout) => {
        consistencyWait.observe(durationMs / 1000);
        if (isTimeout) consistencyTimeouts.inc();
      },
      eventToReconcile: (latencyMs) => eventToReconcile.observe(latencyMs / 1000),
      activeWorkers: (count) => active.set(count),
      maxConcurrentReconciles: (count) => maxConcurrent.set(count),
    };
  }
}
