import { systemClock } from '@kubeloop/ratelimiter';

/** How long one turn of the event loop may take before others are let in. */
const budgetMs = 10;

/**
 * Lets timers and sockets in when a loop of awaits that never really wait would keep them out: such a loop runs in one
 * turn of the event loop, however long it takes.
 */
export class TurnBudget {
  #turnStartMs = systemClock.now();

  /** Whether this turn has taken too long. */
  get isSpent(): boolean {
    return systemClock.now() - this.#turnStartMs >= budgetMs;
  }

  /** Waits for the next turn of the event loop. */
  async renew(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turnStartMs = systemClock.now();
  }
}
