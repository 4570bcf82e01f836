import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { FakeClock } from '@kubeloop/ratelimiter/testing';

/** A process that can be paused: its timers then fire late, when it runs again, while its monotonic clock has gone on. */
export class PausableProcess implements Clock {
  readonly #clock: FakeClock;
  #late: (() => void)[] = [];
  #awake: PromiseWithResolvers<void> | undefined;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** As SIGSTOP does. */
  pause(): void {
    this.#awake ??= Promise.withResolvers();
  }

  /** As SIGCONT does: what was due runs, in the order it was due, each with all that follows from it before the next. */
  async resume({ answersFirst = false }: { readonly answersFirst?: boolean } = {}): Promise<void> {
    const late = this.#late;
    this.#late = [];
    this.#awake?.resolve();
    this.#awake = undefined;
    if (answersFirst) await this.#clock.settle();
    for (const callback of late) {
      callback();
      await this.#clock.settle();
    }
  }

  /** Resolves when it runs: an answer waits in the socket until then. */
  async awake(): Promise<void> {
    while (this.#awake) await this.#awake.promise;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const fire = (): void => {
      if (this.#awake) this.#late.push(run);
      else run();
    };
    let isCancelled = false;
    const run = (): void => {
      if (!isCancelled) callback();
    };
    const timer = this.#clock.setTimeout(fire, delayMs);
    const cancel = (): void => {
      isCancelled = true;
      timer.cancel();
    };
    return { cancel, unref: () => timer.unref() };
  }
}
