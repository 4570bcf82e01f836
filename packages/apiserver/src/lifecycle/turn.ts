/** Runs work of the controllers in later turns of the event loop, each key once at a time. */
export class Turn {
  readonly #pending = new Map<string, () => void>();
  readonly #onError: (error: unknown) => void;
  #handle: NodeJS.Immediate | undefined;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Runs `work` soon; a later call with the same key before that takes its place. */
  schedule(key: string, work: () => void): void {
    this.#pending.set(key, work);
    this.#handle ??= setImmediate(() => this.#run());
  }

  /** Forgets what has not run. */
  stop(): void {
    clearImmediate(this.#handle);
    this.#handle = undefined;
    this.#pending.clear();
  }

  #run(): void {
    this.#handle = undefined;
    const batch = [...this.#pending.values()];
    this.#pending.clear();
    for (const work of batch) {
      try {
        work();
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
