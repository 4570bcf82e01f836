import type { Clock, RateLimiter } from '@kubeloop/ratelimiter';
import { FailureCounts } from '@kubeloop/workqueue/engine';

/** How many keys with failures are known here at most; the server knows all. */
const mostKnown = 10_000;

/** The failures as this process knows them: what it counted, corrected by the server whenever it gives a key. */
export class Retries {
  readonly #counts: FailureCounts;
  /** Keys with failures, the one that was touched last at the end. */
  readonly #failed = new Set<string>();

  /** @param given - default: as `defaultControllerRateLimiter` */
  constructor(given: RateLimiter<string> | undefined, clock: Clock) {
    this.#counts = new FailureCounts(given, clock);
  }

  /** The server says how often a key has failed. */
  correct(key: string, failures: number): void {
    const known = this.#counts.count(key);
    if (known === failures) return;
    if (known > failures) this.forget(key);
    if (failures > 0) this.#touch(key);
    this.#counts.raise(key, failures);
  }

  /** Counts one failure, and tells how long the key waits. */
  next(key: string): number {
    this.#touch(key);
    return this.#counts.next(key);
  }

  /** How many failures are known here. */
  count(key: string): number {
    return this.#counts.count(key);
  }

  /** Forgets the failures of a key. */
  forget(key: string): void {
    this.#failed.delete(key);
    this.#counts.forget(key);
  }

  #touch(key: string): void {
    this.#failed.delete(key);
    this.#failed.add(key);
    if (this.#failed.size <= mostKnown) return;
    const [oldest] = this.#failed;
    if (oldest !== undefined) this.forget(oldest);
  }
}
