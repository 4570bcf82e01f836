const brand = Symbol.for('@kubeloop/client/WatchIdleError');

/** A watch in which the server sent nothing for too long: its connection is probably dead without either side having been told. */
export class WatchIdleError extends Error {
  /** `WatchIdleError`. */
  override readonly name: string = 'WatchIdleError';
  /** How long the server was silent, in milliseconds. */
  readonly idleTimeoutMs: number;

  /** @param what - what was being watched */
  constructor(what: string, idleTimeoutMs: number) {
    super(`Cannot go on to ${what}: the server sent nothing for ${idleTimeoutMs} ms`);
    Object.defineProperty(this, brand, { value: true });
    this.idleTimeoutMs = idleTimeoutMs;
  }

  /** Whether a value is such an error, from whichever copy of this package. */
  static is(value: unknown): value is WatchIdleError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
