import type { Clock } from '@kubeloop/ratelimiter';
import type { ReconcileCause, ReconcileCauses } from './causes.ts';
import type { ReconcileTracing } from './reconcile-tracing.ts';

/** How many causes of a key are kept; the rest is counted. */
const maxCauses = 32;

/** What a {@link CauseTracker} works with. */
export interface CauseTrackerOptions {
  /** Whether causes are kept, or only the time of the first event. */
  readonly keepsCauses: boolean;
  /** How many keys are remembered at most; beyond that the oldest is forgotten. Default: all. */
  readonly maxKeys?: number | undefined;
  /** Called for each cause that is kept, at once. Default: nobody is told. */
  readonly onKept?: ((cause: ReconcileCause) => void) | undefined;
  readonly clock: Clock;
}

/** What asked for a key since its last reconcile. */
export interface Pending {
  /** When the first event came; `Infinity` when there was none, only requeues. */
  sinceMs: number;
  /** Shared by all where causes are not kept. */
  readonly list: ReconcileCause[];
  more: number;
}

/**
 * Remembers for each key that waits what asked for its reconcile, and since when. An entry lasts from the first event
 * until the key is handed out, so there are never more of them than keys that wait.
 */
export class CauseTracker {
  readonly #options: CauseTrackerOptions;
  readonly #maxKeys: number;
  readonly #pending = new Map<string, Pending>();
  readonly #noCauses: ReconcileCause[] = [];
  #isStopped = false;
  #workingSinceMs = -Infinity;

  constructor(options: CauseTrackerOptions) {
    this.#options = options;
    this.#maxKeys = options.maxKeys ?? Infinity;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#pending.size;
  }

  /** An event asked for the key; with `afterMs` it counts from when the key is due. */
  event(key: string, cause: ReconcileCause | undefined, afterMs: number): void {
    this.#add(key, cause, this.#options.clock.now() + afterMs);
  }

  /** The last reconcile of the key asked for another one. */
  requeued(key: string, cause: ReconcileCause): void {
    this.#add(key, cause, Infinity);
  }

  /** Counts events that came before from now on: until now another process was to answer them. */
  workBegins(): void {
    this.#workingSinceMs = this.#options.clock.now();
  }

  /** Hands out what is known of a key, and forgets it. */
  take(key: string): Pending | undefined {
    const pending = this.#pending.get(key);
    if (!pending) return undefined;
    this.#pending.delete(key);
    if (pending.sinceMs < this.#workingSinceMs) pending.sinceMs = this.#workingSinceMs;
    return pending;
  }

  /** The key was handed out and not reconciled: what was taken counts before what has come since. */
  putBack(key: string, taken: Pending | undefined): void {
    if (!taken || this.#isStopped) return;
    const newer = this.#pending.get(key);
    if (newer) {
      taken.sinceMs = Math.min(taken.sinceMs, newer.sinceMs);
      const fitting = newer.list.slice(0, maxCauses - taken.list.length);
      taken.list.push(...fitting);
      taken.more += newer.more + newer.list.length - fitting.length;
    }
    this.#pending.set(key, taken);
    this.#trim();
  }

  /** Forgets everything and remembers nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#pending.clear();
  }

  #add(key: string, cause: ReconcileCause | undefined, sinceMs: number): void {
    if (this.#isStopped) return;
    const kept = this.#options.keepsCauses ? cause : undefined;
    const pending = this.#pending.get(key);
    if (!pending) {
      this.#pending.set(key, { sinceMs, list: kept ? [kept] : this.#noCauses, more: 0 });
      this.#trim();
      if (kept) this.#options.onKept?.(kept);
      return;
    }
    if (sinceMs < pending.sinceMs) pending.sinceMs = sinceMs;
    if (!kept || pending.list.at(-1) === kept) return;
    if (pending.list.length === maxCauses) {
      pending.more += 1;
      return;
    }
    pending.list.push(kept);
    this.#options.onKept?.(kept);
  }

  #trim(): void {
    if (this.#pending.size <= this.#maxKeys) return;
    for (const oldest of this.#pending.keys()) {
      this.#pending.delete(oldest);
      return;
    }
  }
}

/** What a reconciler is shown. */
export function causesOf(pending: Pending | undefined): ReconcileCauses {
  return { list: pending?.list ?? [], more: pending?.more ?? 0 };
}

/** Another queue may hand its keys to other processes; of so many keys at most it is remembered what asked for them. */
const maxForeignKeys = 10_000;

/** Who wants to know what asked for reconciles. */
export interface CauseAudience {
  /** Whether reconciles are told. */
  readonly showsCauses: boolean;
  readonly wantsLatency: boolean;
  readonly tracing: ReconcileTracing | undefined;
  readonly isQueueForeign: boolean;
  readonly clock: Clock;
}

/** The tracker of a controller; `undefined` when nobody wants to know. */
export function causeTrackerFor(audience: CauseAudience): CauseTracker | undefined {
  const { showsCauses, wantsLatency, tracing, isQueueForeign, clock } = audience;
  const keepsCauses = showsCauses || tracing !== undefined;
  if (!keepsCauses && !wantsLatency) return undefined;
  return new CauseTracker({
    keepsCauses,
    maxKeys: isQueueForeign ? maxForeignKeys : undefined,
    onKept: tracing && ((cause) => tracing.event(cause)),
    clock,
  });
}
