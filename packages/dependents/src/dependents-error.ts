import { TerminalError } from '@kubeloop/controller';
import { messageOf } from './message-of.ts';
import type { Outcome } from './outcome.ts';

const brand = Symbol.for('@kubeloop/dependents/DependentsError');

/**
 * Why dependents of an owner could not be brought to their desired state. `errors` has one error for each that failed. When each
 * of them is a `TerminalError`, so is this: the controller does not retry.
 */
export class DependentsError extends AggregateError {
  /** The name of the class. */
  override readonly name: string = 'DependentsError';
  /** What has become of all dependents, those included that did not fail. */
  readonly outcome: Outcome;

  /**
   * @param owner - the owner in words
   * @param outcome - what has become of its dependents
   */
  constructor(owner: string, outcome: Outcome) {
    const failed = Object.values(outcome.perDependent).filter(({ state }) => state === 'failed');
    const words = failed.map(({ name, error }) => `${name}: ${messageOf(error)}`);
    const errors = failed.map(({ error }) => error);
    const isTerminal = failed.length > 0 && errors.every((error) => TerminalError.is(error));
    const count = failed.length === 1 ? 'one dependent' : `${failed.length} dependents`;
    super(
      errors,
      `Cannot bring ${count} of ${owner} to the desired state: ${words.join('; ')}`,
      isTerminal ? { cause: errors[0] } : {},
    );
    this.outcome = outcome;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether a thrown value is this error, from whichever copy of this package. */
  static is(value: unknown): value is DependentsError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
