/**
 * One call from its beginning to its end: its signal aborts when the caller's does, or when the client closes.
 * A call that ended leaves no listener on the caller's signal, which may live as long as the process.
 */
export class CallScope {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #open: Set<CallScope>;
  readonly #onAbort = (): void => this.abort(this.#parent?.reason);

  /** @param open - the calls of the client, of which this is one until it ends */
  constructor(parent: AbortSignal | undefined, open: Set<CallScope>) {
    parent?.throwIfAborted();
    this.#parent = parent;
    this.#open = open;
    parent?.addEventListener('abort', this.#onAbort, { once: true });
    open.add(this);
  }

  /** Aborts when the call must stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Stops the call. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Marks the end of the call. */
  end(): void {
    this.#parent?.removeEventListener('abort', this.#onAbort);
    this.#open.delete(this);
  }
}

/**
 * Refuses what is given as a signal and is none, such as its controller.
 *
 * @param what - what cannot be done with it, for the message
 * @throws TypeError
 */
export function checkSignal(signal: unknown, what: string): void {
  if (signal === undefined || signal === null) return;
  if (typeof signal === 'object' && 'aborted' in signal && 'addEventListener' in signal) return;
  throw new TypeError(
    `${what}: option "signal" must be an AbortSignal, such as new AbortController().signal`,
  );
}
