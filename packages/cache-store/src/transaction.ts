import { brandInstances, hasBrand } from './brand.ts';
import { messageOf } from './message-of.ts';
import type { DeletedFinalStateUnknown } from './tombstone.ts';

/** One write of a batch. */
export type StoreOperation<T> =
  | {
      /** Hold the object under its key; both names do the same. */
      readonly type: 'add' | 'update';
      /** The object to hold. */
      readonly obj: T;
    }
  | {
      /** Drop the object with the key of the given one. */
      readonly type: 'delete';
      /** The object as it was deleted, or a tombstone. */
      readonly obj: T | DeletedFinalStateUnknown<T>;
    };

/** One write of a batch that failed. */
export interface FailedOperation {
  /** Position of the write in the batch, from zero. */
  readonly index: number;
  /** What was thrown. */
  readonly error: unknown;
}

const brand = Symbol.for('@kubeloop/cache-store/TransactionError');

/**
 * Thrown after a batch of which some writes failed. All others were done: nothing is rolled back.
 *
 * Each position of the batch is in exactly one of the two lists, in ascending order.
 */
export class TransactionError extends Error {
  /** Always `TransactionError`. */
  override readonly name = 'TransactionError' as const;
  /** Positions of the writes that were done. */
  readonly successfulIndices: readonly number[];
  /** The writes that were not. */
  readonly failures: readonly FailedOperation[];
  /** Number of writes in the batch. */
  readonly total: number;

  static {
    brandInstances(this.prototype, brand);
  }

  /**
   * @param successfulIndices - positions of the writes that were done
   * @param failures - the writes that were not
   */
  constructor(successfulIndices: readonly number[], failures: readonly FailedOperation[]) {
    const total = successfulIndices.length + failures.length;
    const reasons = failures.map(({ index, error }) => `${index}: ${messageOf(error)}`);
    super(
      `Cannot do ${failures.length} of ${total} writes of a transaction: ${reasons.join('; ')}`,
      { cause: failures[0]?.error },
    );
    this.successfulIndices = successfulIndices;
    this.failures = failures;
    this.total = total;
  }

  /** Whether a value is such an error, of this copy of the package or of another one. */
  static is(value: unknown): value is TransactionError {
    return hasBrand(value, brand);
  }
}
