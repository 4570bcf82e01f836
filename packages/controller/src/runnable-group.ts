import type { Logger } from './logger.ts';
import type { Runnable } from './manager-options.ts';

/** What a {@link RunnableGroup} works with. */
export interface RunnableGroupOptions {
  readonly logger: Logger;
  /** Hears what a runnable failed with; not that it ended by the abort of its signal. */
  readonly onFailure: (error: unknown) => void;
}

/** Runnables that are started together and stopped together. */
export class RunnableGroup {
  readonly #options: RunnableGroupOptions;
  readonly #added: Runnable[] = [];
  readonly #running = new Map<Promise<void>, string>();
  readonly #stop = new AbortController();
  /** Servers that cannot be reached yet. */
  readonly #unreached = new Set<Promise<void>>();
  /** What was reported; a server may fail twice with the same. */
  readonly #failures = new Set<unknown>();
  #isStarted = false;

  constructor(options: RunnableGroupOptions) {
    this.#options = options;
  }

  /** The names of those that have not ended. */
  get running(): readonly string[] {
    return [...this.#running.values()];
  }

  /** Adds one; it starts at once when the group has started. */
  add(runnable: Runnable): void {
    if (this.#isStarted) this.#start(runnable);
    else this.#added.push(runnable);
  }

  /** Starts all of them, and from now on each that is added. */
  start(): void {
    this.#isStarted = true;
    for (const runnable of this.#added.splice(0)) this.#start(runnable);
  }

  /** Resolves when each server that was started can be reached or has failed; `undefined` when that is so now. Never rejects. */
  reached(): Promise<unknown> | undefined {
    return this.#unreached.size === 0 ? undefined : Promise.all(this.#unreached);
  }

  /**
   * Asks all of them to end; resolves when the last one has. Never rejects.
   *
   * @param reason - what their signal aborts with
   */
  async stop(reason?: Error): Promise<void> {
    this.#stop.abort(reason);
    await Promise.all(this.#running.keys());
  }

  #start(runnable: Runnable): void {
    if (this.#stop.signal.aborted) return;
    const run = this.#run(runnable);
    this.#running.set(run, runnable.name ?? 'unnamed');
    void run.finally(() => this.#running.delete(run));
    if (!runnable.isServer || typeof runnable.listening !== 'function') return;
    const reached = Promise.race([this.#listening(runnable), run]);
    this.#unreached.add(reached);
    void reached.finally(() => this.#unreached.delete(reached));
  }

  async #listening(server: Runnable): Promise<void> {
    const { signal } = this.#stop;
    await this.#guard(server, async () => server.listening?.({ signal }));
  }

  async #run(runnable: Runnable): Promise<void> {
    const { signal } = this.#stop;
    await this.#guard(runnable, () => runnable.run({ signal }));
  }

  async #guard({ name }: Runnable, act: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#stop;
    try {
      await act();
    } catch (error) {
      if ((signal.aborted && isAbort(error, signal)) || this.#failures.has(error)) return;
      this.#failures.add(error);
      const { logger, onFailure } = this.#options;
      logger.error('A runnable failed and the manager stops', { runnable: name, error });
      onFailure(error);
    }
  }
}

/** Whether a failure says nothing but that the signal has aborted. Node's own functions wrap the signal's reason. */
function isAbort(error: unknown, { reason }: AbortSignal): boolean {
  if (error === reason) return true;
  return error instanceof Error && error.name === 'AbortError' && error.cause === reason;
}
