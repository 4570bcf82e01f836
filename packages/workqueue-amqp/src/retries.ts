import { randomUUID } from 'node:crypto';
import type { Clock, RateLimiter } from '@kubeloop/ratelimiter';
import { FailureCounts } from '@kubeloop/workqueue/engine';

/** The failures that this process has counted, and those that a message told of. */
export class Retries {
  readonly #counts: FailureCounts;
  readonly #name = randomUUID().slice(0, 8);
  #era = 0;
  /** Keys with failures. */
  readonly #failed = new Set<string>();

  /** @param given - default: as `defaultControllerRateLimiter` */
  constructor(given: RateLimiter<string> | undefined, clock: Clock) {
    this.#counts = new FailureCounts(given, clock);
  }

  /** Names what is counted here, until some of it is forgotten because others count on. */
  get counter(): string {
    return `${this.#name}-${this.#era}`;
  }

  /** Counts on from what a message tells, if it was counted elsewhere. */
  catchUp(key: string, attempts: number, counter: string | undefined): void {
    if (attempts === 0 || counter === this.counter) return;
    this.#failed.add(key);
    this.#counts.raise(key, attempts);
  }

  /** Counts one failure, and tells how long the key waits. */
  next(key: string): number {
    this.#failed.add(key);
    return this.#counts.next(key);
  }

  /** How many failures are counted. */
  count(key: string): number {
    return this.#counts.count(key);
  }

  /** Forgets the failures of a key. */
  forget(key: string): void {
    this.#failed.delete(key);
    this.#counts.forget(key);
  }

  /** Forgets those of all keys that fit: another process counts on. */
  forgetAll(fits: (key: string) => boolean): void {
    this.#era += 1;
    for (const key of this.#failed) if (fits(key)) this.forget(key);
  }
}
