const brand = Symbol.for('@kubeloop/controller/TerminalError');

/**
 * Thrown by a reconciler that will fail the same way however often it is run. It is reported and counted like every
 * other failure, but not retried: the request runs again when something changes.
 *
 * @example
 * throw new TerminalError('The image name is not valid', { cause: error });
 */
export class TerminalError extends Error {
  /** The name of the class. */
  override readonly name: string = 'TerminalError';

  /**
   * @param message - what is wrong; default: the message of `options.cause`
   * @param options - `cause`: the failure behind this one
   */
  constructor(message?: string, options?: ErrorOptions) {
    super(message ?? messageOf(options?.cause) ?? 'Terminal error', options);
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether a thrown value is a terminal error, or has one among its causes, from whichever copy of this package. */
  static is(value: unknown): value is Error {
    const seen = new Set<unknown>();
    for (let error = value; error instanceof Error && !seen.has(error); error = error.cause) {
      if (brand in error) return true;
      seen.add(error);
    }
    return false;
  }
}

function messageOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.message : undefined;
}
