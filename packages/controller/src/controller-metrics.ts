import { callSafely } from '@kubeloop/workqueue/engine';

/** How a reconcile ended; the values of controller-runtime's label `result`. */
export type ReconcileResult = 'success' | 'error' | 'requeue' | 'requeue_after';

/** Counts of what a controller has done since it was made. */
export interface ReconcileCounters {
  /** Reconciles that ended, by result. */
  readonly reconciles: Readonly<Record<ReconcileResult, number>>;
  /** Reconciles that threw a terminal error; part of `reconciles.error`. */
  readonly terminalErrors: number;
  /** Reconciles that ran into `reconcileTimeoutMs`; not those that were aborted for another reason. */
  readonly timeouts: number;
  /** Reconciles whose request the queue took back, as a queue of several processes can; they are in none of `reconciles`. */
  readonly takenBack: number;
  /** Predicates, map functions and event handlers that threw. */
  readonly handlerErrors: number;
}

/** What a metrics system is told by one controller. No method may throw or wait; what throws is reported and ignored. */
export interface ControllerMetrics {
  /** A reconcile has ended after `durationMs`. */
  reconciled(result: ReconcileResult, durationMs: number): void;
  /** A reconcile threw an error, terminal or not. */
  reconcileFailed?(isTerminal: boolean): void;
  /** A reconcile ran into `reconcileTimeoutMs`. */
  reconcileTimedOut?(): void;
  /** The queue took the request of a reconcile back. It is not told as one that has ended. */
  reconcileTakenBack?(): void;
  /** A reconcile was held back until caches showed own writes, or for too long. */
  consistencyWaited?(durationMs: number, isTimeout: boolean): void;
  /**
   * A reconcile begins `latencyMs` after the first event that asked for it since the reconcile of its key before. Requeues
   * and retries are no events; a delay that the event's handler asked for does not count, a debounce does. What came
   * while the controller was warm and another process led counts from when this one leads.
   */
  eventToReconcile?(latencyMs: number): void;
  /** So many reconciles run now. */
  activeWorkers?(count: number): void;
  /** So many may run at once; told once, at the start. */
  maxConcurrentReconciles?(count: number): void;
}

/** Makes the {@link ControllerMetrics} of each controller. */
export interface ControllerMetricsProvider {
  /** The metrics of one controller; called once for each, when it starts. */
  forController(name: string): ControllerMetrics;
}

/** Keeps the counters, and tells a metrics system that may throw. */
export class ReconcileMeter {
  readonly #metrics: ControllerMetrics | undefined;
  readonly #onError: (error: unknown) => void;
  readonly #reconciles: Record<ReconcileResult, number> = {
    success: 0,
    error: 0,
    requeue: 0,
    requeue_after: 0,
  };
  #terminalErrors = 0;
  #timeouts = 0;
  #takenBack = 0;
  #handlerErrors = 0;

  /**
   * @param metrics - who is told
   * @param onError - hears what the metrics threw
   */
  constructor(metrics: ControllerMetrics | undefined, onError: (error: unknown) => void) {
    this.#metrics = metrics;
    this.#onError = onError;
  }

  /** The counts so far. */
  get counters(): ReconcileCounters {
    return {
      reconciles: { ...this.#reconciles },
      terminalErrors: this.#terminalErrors,
      timeouts: this.#timeouts,
      takenBack: this.#takenBack,
      handlerErrors: this.#handlerErrors,
    };
  }

  /** A reconcile has ended. */
  reconciled(result: ReconcileResult, durationMs: number): void {
    this.#reconciles[result] += 1;
    this.#tell((metrics) => metrics.reconciled(result, durationMs));
  }

  /** A reconcile threw. */
  failed(isTerminal: boolean): void {
    if (isTerminal) this.#terminalErrors += 1;
    this.#tell((metrics) => metrics.reconcileFailed?.(isTerminal));
  }

  /** A reconcile ran into its own deadline. */
  timedOut(): void {
    this.#timeouts += 1;
    this.#tell((metrics) => metrics.reconcileTimedOut?.());
  }

  /** The queue took a request back. */
  takenBack(): void {
    this.#takenBack += 1;
    this.#tell((metrics) => metrics.reconcileTakenBack?.());
  }

  /** A reconcile was held back. */
  waitedForCaches(durationMs: number, isTimeout: boolean): void {
    this.#tell((metrics) => metrics.consistencyWaited?.(durationMs, isTimeout));
  }

  /** A predicate, map function or event handler threw. */
  handlerFailed(): void {
    this.#handlerErrors += 1;
  }

  /** Whether latencies have to be measured. */
  get wantsLatency(): boolean {
    return this.#metrics?.eventToReconcile !== undefined;
  }

  /** A reconcile begins so long after its first event. */
  eventToReconcile(latencyMs: number): void {
    this.#tell((metrics) => metrics.eventToReconcile?.(latencyMs));
  }

  /** So many reconciles run now. */
  activeWorkers(count: number): void {
    this.#tell((metrics) => metrics.activeWorkers?.(count));
  }

  /** Work begins: so many reconciles may run at once, and none does yet. */
  begins(concurrency: number): void {
    this.#tell((metrics) => metrics.maxConcurrentReconciles?.(concurrency));
    this.activeWorkers(0);
  }

  #tell(call: (metrics: ControllerMetrics) => void): void {
    const metrics = this.#metrics;
    if (metrics) callSafely(() => call(metrics), this.#onError);
  }
}
