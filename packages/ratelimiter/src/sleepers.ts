import type { Clock } from './clock.ts';
import { nanosecondsOf } from './nanoseconds.ts';

/** What a sleep needs. */
export interface SleepOptions {
  /** When it ends, by the clock. */
  readonly actAtNs: number;
  /** Ends it before: the sleep rejects with the reason. */
  readonly signal: AbortSignal | undefined;
  /** Called at once when the signal aborts. */
  readonly onAbort: () => void;
}

interface Sleeper {
  readonly actAtNs: number;
  readonly wake: () => void;
}

/** How early a timer may be: floating-point times are not exact. */
const toleranceNs = 1000;

/** A timer that came too early is set again for this long at least, lest a coarse clock be asked again and again. */
const shortestRetryMs = 1;

/** Those who wait for their time, by one timer each. Timers may be a little early or late, and so fire the wrong way round. */
export class Sleepers {
  readonly #clock: Clock;
  /** In the order in which they began. */
  readonly #sleepers = new Set<Sleeper>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves at its time and not before, and after those that began before it and whose time was no later. */
  sleep({ actAtNs, signal, onAbort }: SleepOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const arm = (leastMs: number) =>
        this.#clock.setTimeout(onTimer, Math.max(leastMs, this.#untilNs(actAtNs) / 1e6));
      const onTimer = (): void => {
        if (this.#untilNs(actAtNs) > toleranceNs) timer = arm(shortestRetryMs);
        else this.#wakeUpTo(sleeper);
      };
      const end = (): void => {
        this.#sleepers.delete(sleeper);
        timer.cancel();
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        onAbort();
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a signal's reason is passed on as it is
        reject(signal?.reason);
      };
      const wake = (): void => {
        end();
        resolve();
      };
      const sleeper = { actAtNs, wake };
      let timer = arm(0);
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Wakes those whose time has come already, and whose timers are late. Resolves after them. */
  async wakeLate(): Promise<void> {
    for (const { actAtNs, wake } of this.#sleepers) {
      if (this.#untilNs(actAtNs) > 0) return;
      wake();
    }
  }

  /** Wakes one whose time has come, after those that began before. */
  #wakeUpTo(last: Sleeper): void {
    for (const sleeper of this.#sleepers) {
      if (sleeper.actAtNs <= last.actAtNs) sleeper.wake();
      if (sleeper === last) return;
    }
  }

  #untilNs(actAtNs: number): number {
    return actAtNs - nanosecondsOf(this.#clock.now());
  }
}
