import type { Pending } from './cause-tracker.ts';
import type { ReconcileCauses } from './causes.ts';
import type { Logger } from './logger.ts';
import type { Request } from './request.ts';
import type { TraceSpanContext } from './tracer.ts';

/** A reconcile that has begun and not ended. */
export interface RunningReconcile {
  /** The object it is for. */
  readonly request: Request;
  /** Its id, as in the log. */
  readonly reconcileID: string;
  /** How long it has been running. */
  readonly runningMs: number;
  /** What asked for it, where reconciles are told that. */
  readonly causes?: ReconcileCauses | undefined;
}

/** One reconcile on its way from the queue and back. */
export interface Run {
  readonly key: string;
  readonly request: Request;
  readonly reconcileID: string;
  readonly startMs: number;
  readonly abort: AbortController;
  /** Aborts when the queue takes the key back; `undefined` from queues that never do. */
  readonly taken: AbortSignal | undefined;
  readonly logger: Logger;
  readonly priority: number | undefined;
  readonly pending: Pending | undefined;
  readonly causes: ReconcileCauses | undefined;
  span: TraceSpanContext | undefined;
}

/** A key as a queue hands it out. */
export interface HandedOut {
  readonly item: string;
  readonly priority?: number | undefined;
  /** Aborts when the key may by now be worked on elsewhere. */
  readonly signal?: AbortSignal | undefined;
}
