import { checkSignal } from '@kubeloop/workqueue/engine';
import type { GetOptions, PrioritizedGetResult } from '@kubeloop/workqueue';

/** One `get` that waits. */
interface Getter {
  readonly resolve: (result: PrioritizedGetResult<string>) => void;
  readonly stop: () => void;
}

const shutdownResult = { item: undefined, shutdown: true } as const;

/** The `get`s that wait, served in the order in which they came. */
export class Getters {
  readonly #waiting = new Set<Getter>();
  #isShutDown = false;

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Waits for {@link serve}. Rejects with the reason of the signal when it aborts first. */
  async wait({ signal }: GetOptions): Promise<PrioritizedGetResult<string>> {
    checkSignal(signal);
    signal?.throwIfAborted();
    if (this.#isShutDown) return shutdownResult;
    const { promise, resolve, reject } = Promise.withResolvers<PrioritizedGetResult<string>>();
    const onAbort = (): void => {
      this.#waiting.delete(getter);
      // The reason is what the caller chose.
      reject(signal?.reason);
    };
    const getter: Getter = {
      resolve,
      stop: () => signal?.removeEventListener('abort', onAbort),
    };
    this.#waiting.add(getter);
    signal?.addEventListener('abort', onAbort, { once: true });
    return promise;
  }

  /** Gives the first one what it waits for. */
  serve(result: PrioritizedGetResult<string>): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first.stop();
    first.resolve(result);
  }

  /** Tells all, now and from now on, that there will be nothing more. */
  shutDown(): void {
    this.#isShutDown = true;
    while (this.#waiting.size > 0) this.serve(shutdownResult);
  }
}
