/** How long a turn may last before the next one is asked for; well under the 50 ms that users are promised. */
const turnMs = 10;

/**
 * Keeps long runs of events and big lists from holding the event loop.
 *
 * Time is the processor's here, not the `Clock`'s: what counts is how long others have waited in truth.
 */
export class EventLoopTurns {
  #startedAtMs: number = performance.now();

  /** Whether the current turn has lasted long enough. */
  get isOver(): boolean {
    return performance.now() - this.#startedAtMs >= turnMs;
  }

  /** Lets timers, sockets and everybody else run. */
  async yield(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    this.#startedAtMs = performance.now();
  }
}
