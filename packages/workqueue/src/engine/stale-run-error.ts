const brand = Symbol.for('@kubeloop/workqueue/StaleRunError');

/** Why the signal of a run aborts: its item may be worked on elsewhere by now. */
export class StaleRunError extends Error {
  /** `StaleRunError`. */
  override readonly name = 'StaleRunError';

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** Whether a value is such an error, of this copy of the package or of another one. */
  static is(value: unknown): value is StaleRunError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
