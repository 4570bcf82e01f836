import { callSafely } from '../answers.ts';

/** The members of instruments that count. */
export type CountersOf<Instruments> = {
  [Name in keyof Instruments]: Instruments[Name] extends { inc(): void } ? Name : never;
}[keyof Instruments];

/** Tells the process what happens: failures that a queue goes on from, and numbers. Nothing that is told can stop the queue. */
export class Report<Instruments extends object> {
  readonly #onError: ((error: unknown, action: string) => void) | undefined;
  readonly #instruments: Instruments | undefined;

  constructor(
    onError: ((error: unknown, action: string) => void) | undefined,
    instruments: Instruments | undefined,
  ) {
    this.#onError = onError;
    this.#instruments = instruments;
  }

  /** Tells of a failure, and of what was being done. Without an error, another report tells of it. */
  error(error: unknown, action: string): void {
    if (error === undefined) return;
    // There is nobody left to tell when that fails.
    callSafely(
      () => this.#onError?.(error, action),
      () => {},
    );
  }

  /** Counts one. */
  count(name: CountersOf<Instruments>): void {
    // The type of the name says that it counts.
    this.measure((instruments) => (instruments[name] as { inc(): void }).inc());
  }

  /** Sets gauges. */
  measure(set: (instruments: Instruments) => void): void {
    const instruments = this.#instruments;
    if (!instruments) return;
    callSafely(
      () => set(instruments),
      (error) => this.error(error, 'metrics'),
    );
  }
}
