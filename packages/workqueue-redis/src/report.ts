import type { RedisCounter, RedisQueueInstruments } from './metrics.ts';

type Counters = {
  [Name in keyof RedisQueueInstruments]: RedisQueueInstruments[Name] extends RedisCounter
    ? Name
    : never;
}[keyof RedisQueueInstruments];

/** Tells the process what happens: failures that the queue goes on from, and numbers. Nothing that is told can stop the queue. */
export class Report {
  readonly #onError: ((error: unknown, action: string) => void) | undefined;
  readonly #instruments: RedisQueueInstruments | undefined;

  constructor(
    onError: ((error: unknown, action: string) => void) | undefined,
    instruments: RedisQueueInstruments | undefined,
  ) {
    this.#onError = onError;
    this.#instruments = instruments;
  }

  /** Tells of a failure, and of what was being done. Without an error, another report tells of it. */
  error(error: unknown, action: string): void {
    if (error === undefined) return;
    try {
      this.#onError?.(error, action);
    } catch {
      // There is nobody left to tell.
    }
  }

  /** Counts one. */
  count(name: Counters): void {
    this.measure((instruments) => instruments[name].inc());
  }

  /** Sets gauges. */
  measure(set: (instruments: RedisQueueInstruments) => void): void {
    if (!this.#instruments) return;
    try {
      set(this.#instruments);
    } catch (error) {
      this.error(error, 'metrics');
    }
  }
}
