import { FakeClock } from '@kubeloop/ratelimiter/testing';

/** Does recorded operations on something of ours, and answers in the words of the recording. */
export interface Player {
  play(operation: string, args: readonly string[]): Promise<string[]>;
}

/** Says that a wanted difference has occurred, one that a player takes care of itself. */
export type NoteDifference = (id: string) => void;

/** Half a nanosecond: sums of floating-point milliseconds are more exact than that. */
const toleranceMs = 0.5e-6;

/** Longer than a chain of promises in our queues: a drain gives workers 20 microtasks to fetch something. */
const microtasks = 40;

/** Lets every promise settle that can without time passing. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < microtasks; turn += 1) await Promise.resolve();
}

/** Time as the recorder had it: counted in whole nanoseconds, so that sums do not drift. */
export class PlayerTime {
  readonly clock: FakeClock = new FakeClock();
  #nowNs = 0;

  /** How many nanoseconds have passed since `thenMs` of the clock. */
  sinceNs(thenMs: number): number {
    return Math.round((this.clock.now() - thenMs) * 1e6);
  }

  /** Lets time pass. What is due at the very end happens, too, even if rounding puts it a fraction of a nanosecond later. */
  async passNs(ns: number): Promise<void> {
    this.#nowNs += ns;
    await this.clock.stepAsync(Math.max(0, this.#nowNs / 1e6 - this.clock.now()));
    let leftMs = this.clock.untilNextMs ?? Infinity;
    while (leftMs < toleranceMs) {
      await this.clock.stepAsync(leftMs + this.clock.now() * Number.EPSILON);
      leftMs = this.clock.untilNextMs ?? Infinity;
    }
  }
}

/** A duration in milliseconds as the recordings have it. */
export function nsText(ms: number): string {
  return String(Math.round(ms * 1e6));
}

/** The argument at `index`. Throws an `Error` when the recording has none there. */
export function argument(args: readonly string[], index: number): string {
  const value = args[index];
  if (value === undefined)
    throw new Error(`Cannot play [${args.join(' ')}]: argument ${index} is missing`);
  return value;
}
