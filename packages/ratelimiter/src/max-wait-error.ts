const brand = Symbol.for('@kubeloop/ratelimiter.MaxWaitExceededError');

/** Says that tokens could not be had within `maxWaitMs`. Nothing was taken from the bucket. */
export class MaxWaitExceededError extends Error {
  /** The name of the class. */
  override readonly name = 'MaxWaitExceededError';
  /** How many milliseconds the tokens were away. */
  readonly delayMs: number;

  /** @param n - the number of tokens asked for */
  constructor(n: number, delayMs: number, maxWaitMs: number) {
    super(
      `Cannot take ${n} tokens within ${maxWaitMs} ms: they come in ${delayMs} ms; wait longer or ask for fewer`,
    );
    this.delayMs = delayMs;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether `value` is such an error, also when it comes from another copy of this package. */
  static is(value: unknown): value is MaxWaitExceededError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
