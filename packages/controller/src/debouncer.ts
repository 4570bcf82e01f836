import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { EnqueueOptions } from './event-handler.ts';

/** Puts a key into the queue. What it returns, when it returns something, must be awaited. */
export type EnqueueKey = (key: string, options?: EnqueueOptions) => void | Promise<void>;

/** What a {@link Debouncer} is made of. */
export interface DebouncerOptions {
  /** How long a key must be quiet. Zero lets everything pass at once. */
  readonly debounceMs: number;
  readonly clock: Clock;
  /** Takes the keys. */
  readonly enqueue: EnqueueKey;
  /** Hears what `enqueue` throws for a key that has waited. */
  readonly onError: (error: unknown, key: string) => void;
}

interface Held {
  readonly timer: Timer;
  readonly priority: number | undefined;
}

/**
 * Holds each key back until it has been quiet for a while; the trailing debounce of kube-rs
 * (`controller::Config::debounce`). Of all that came meanwhile one addition is left, with the highest priority among them.
 */
export class Debouncer {
  readonly #options: DebouncerOptions;
  readonly #held = new Map<string, Held>();
  #isStopped = false;

  constructor(options: DebouncerOptions) {
    this.#options = options;
  }

  /** Takes a key. One that comes with a time of its own is handed on at once. */
  enqueue(key: string, options: EnqueueOptions = {}): void | Promise<void> {
    const { debounceMs, enqueue, clock } = this.#options;
    const isTimed = options.afterMs !== undefined || options.rateLimited;
    if (debounceMs === 0 || isTimed) return enqueue(key, options);
    if (this.#isStopped) return;
    const before = this.#held.get(key);
    before?.timer.cancel();
    // No priority means 0, as in the queue.
    const priority = before
      ? Math.max(before.priority ?? 0, options.priority ?? 0)
      : options.priority;
    const timer = clock.setTimeout(() => {
      this.#held.delete(key);
      void this.#release(key, priority === undefined ? {} : { priority });
    }, debounceMs);
    this.#held.set(key, { timer, priority });
  }

  async #release(key: string, options: EnqueueOptions): Promise<void> {
    try {
      await this.#options.enqueue(key, options);
    } catch (error) {
      this.#options.onError(error, key);
    }
  }

  /** Drops what waits and takes nothing more. */
  stop(): void {
    this.#isStopped = true;
    for (const { timer } of this.#held.values()) timer.cancel();
    this.#held.clear();
  }
}
