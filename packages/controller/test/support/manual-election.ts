import type { LeaderElection } from '../../src/leadership.ts';

/** An election that does what the test says. It ends as an elector's does: in order after a stop, at once after a loss. */
export class ManualElection {
  /** What happened, in order; tests may add to it. */
  readonly log: string[] = [];
  readonly #lost: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #term = new AbortController();
  #lead: Parameters<LeaderElection>[0] | undefined;
  /** What it says when it is asked whether this process leads; by itself it never says no. */
  isLeader: () => boolean = () => true;
  #work: Promise<void> = Promise.resolve();

  /** What a manager takes. */
  readonly elect: LeaderElection = async (lead, { signal }) => {
    this.log.push('entered');
    this.#lead = lead;
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([stopped, this.#lost.promise]);
    this.#term.abort(signal.reason);
    await Promise.race([this.#work, this.#lost.promise]);
    this.log.push('released');
  };

  /** This process leads. */
  win(): void {
    this.log.push('won');
    this.#work =
      this.#lead?.(this.#term.signal, () => this.isLeader()) ??
      Promise.reject(new Error('nobody takes part'));
  }

  /** The leadership is lost, or the election fails. */
  lose(error: Error): void {
    this.log.push('lost');
    this.#term.abort(error);
    this.#lost.reject(error);
  }
}
