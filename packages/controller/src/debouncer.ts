import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { Enqueue, EnqueueOptions } from './event-handler.ts';
import type { Request } from './request.ts';
import { requestKey } from './request.ts';

/** What a {@link Debouncer} is made of. */
export interface DebouncerOptions {
  /** How long a key must be quiet. Zero lets everything pass at once. */
  readonly debounceMs: number;
  readonly clock: Clock;
  /** Takes the requests. */
  readonly enqueue: Enqueue;
  /** Hears what `enqueue` throws for a request that has waited. */
  readonly onError: (error: unknown, key: string) => void;
}

interface Held {
  readonly timer: Timer;
  readonly priority: number | undefined;
}

/**
 * Holds each request back until its key has been quiet for a while; the trailing debounce of kube-rs
 * (`controller::Config::debounce`). Of all that came meanwhile one request is left, with the highest priority among them.
 */
export class Debouncer {
  readonly #options: DebouncerOptions;
  readonly #held = new Map<string, Held>();
  #isStopped = false;

  constructor(options: DebouncerOptions) {
    this.#options = options;
  }

  /** Takes a request. One that has a time of its own is handed on at once. */
  enqueue(request: Request, options: EnqueueOptions = {}): void | Promise<void> {
    const { debounceMs, enqueue, clock } = this.#options;
    const isTimed = options.afterMs !== undefined || options.rateLimited;
    if (debounceMs === 0 || isTimed) return enqueue(request, options);
    if (this.#isStopped) return;
    const key = requestKey(request);
    const before = this.#held.get(key);
    before?.timer.cancel();
    // No priority means 0, as in the queue.
    const priority = before
      ? Math.max(before.priority ?? 0, options.priority ?? 0)
      : options.priority;
    const timer = clock.setTimeout(() => {
      this.#held.delete(key);
      void this.#release(request, priority === undefined ? {} : { priority });
    }, debounceMs);
    this.#held.set(key, { timer, priority });
  }

  async #release(request: Request, options: EnqueueOptions): Promise<void> {
    try {
      await this.#options.enqueue(request, options);
    } catch (error) {
      this.#options.onError(error, requestKey(request));
    }
  }

  /** Drops what waits and takes nothing more. */
  stop(): void {
    this.#isStopped = true;
    for (const { timer } of this.#held.values()) timer.cancel();
    this.#held.clear();
  }
}
