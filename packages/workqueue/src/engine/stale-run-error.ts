/** Why the signal of a run aborts: its item may be worked on elsewhere by now. */
export class StaleRunError extends Error {
  /** `StaleRunError`. */
  override readonly name = 'StaleRunError';
}
