import { handleRejection } from '../answers.ts';

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
    try {
      // A function that returns a promise fits too.
      handleRejection(this.#onError?.(error, action), () => {});
    } catch {
      // There is nobody left to tell.
    }
  }

  /** Counts one. */
  count(name: CountersOf<Instruments>): void {
    // The type of the name says that it counts.
    this.measure((instruments) => (instruments[name] as { inc(): void }).inc());
  }

  /** Sets gauges. */
  measure(set: (instruments: Instruments) => void): void {
    if (!this.#instruments) return;
    const failed = (error: unknown): void => this.error(error, 'metrics');
    try {
      handleRejection(set(this.#instruments), failed);
    } catch (error) {
      failed(error);
    }
  }
}
