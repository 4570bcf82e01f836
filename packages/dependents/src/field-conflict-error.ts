import type { ApplyConflict } from '@kubeloop/client';
import { applyConflicts } from '@kubeloop/client';

const brand = Symbol.for('@kubeloop/dependents/FieldConflictError');

/** Thrown when an apply without force would take fields from other managers. Nothing was written. */
export class FieldConflictError extends Error {
  /** The name of the class. */
  override readonly name: string = 'FieldConflictError';
  /** The fields and who owns them. */
  readonly conflicts: readonly ApplyConflict[];

  /**
   * @param what - the object in words
   * @param conflicts - the fields and who owns them
   * @param options - the API server's own error
   */
  constructor(what: string, conflicts: readonly ApplyConflict[], options?: ErrorOptions) {
    const words = conflicts.map(({ field, manager }) => `${field} by "${manager}"`);
    super(
      `Cannot apply ${what}: fields are managed by others, ${words.join(' and ')}; declare them no more, or set force`,
      options,
    );
    this.conflicts = conflicts;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether a thrown value is this error, from whichever copy of this package. */
  static is(value: unknown): value is FieldConflictError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** An error of an apply, with the managers named when it is a conflict of theirs; else as it is. */
export function conflictNamed(what: string, error: unknown): unknown {
  const conflicts = applyConflicts(error);
  return conflicts.length === 0 ? error : new FieldConflictError(what, conflicts, { cause: error });
}
