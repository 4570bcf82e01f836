import type { Clock, Timer } from '@kubeloop/ratelimiter';
import { settlesInTime, stopRequested } from './abort.ts';
import { WatchSilentError } from './errors.ts';
import type {
  EventIterator,
  ListerWatcher,
  ReflectorEvent,
  WatchRequest,
} from './lister-watcher.ts';

/** How much later than its own timeout the server may end a watch. */
const lateMs = 5000;

/** What a {@link WatchStream} needs. */
export interface WatchStreamOptions<T> {
  readonly name: string;
  readonly listerWatcher: Pick<ListerWatcher<T>, 'watch'>;
  readonly request: WatchRequest & { readonly timeoutSeconds: number };
  /** Longest silence while somebody waits for an event. 0 means any. */
  readonly idleTimeoutMs: number;
  readonly clock: Clock;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Is told when the connection did not end although it was aborted. */
  readonly onAbandoned: () => void;
  /** Is told once, when the stream is closed. */
  readonly onClosed?: (stream: {
    readonly events: number;
    readonly durationMs: number;
    readonly idleMs: number;
  }) => void;
}

/**
 * One watch connection, read event by event, with two guards against connections that are dead without saying so:
 * silence, and the server not ending the watch when it said it would. Time in which nobody reads does not count.
 *
 * The stream belongs to whoever made it, and must be closed.
 */
export class WatchStream<T> {
  readonly #options: WatchStreamOptions<T>;
  readonly #abort = new AbortController();
  readonly #deadlineMs: number;
  /** When the stream was opened. */
  readonly openedAtMs: number;
  #iterator: EventIterator<T> | undefined;
  /** What has been read, from {@link #at} on not handed out. */
  #batch: readonly ReflectorEvent<T>[] = [];
  #at = 0;
  #hasEnded = false;
  #isClosed = false;
  #events = 0;
  #interruption: Error | undefined;
  /** Rejects the read that is waiting, if one is. */
  #rejectRead: ((error: Error) => void) | undefined;
  /** Set exactly while a read waits. */
  #waitingSinceMs: number | undefined;
  #lastEventAtMs: number;
  #guard: Timer | undefined;

  constructor(options: WatchStreamOptions<T>) {
    this.#options = options;
    this.openedAtMs = options.clock.now();
    this.#lastEventAtMs = this.openedAtMs;
    this.#deadlineMs = this.openedAtMs + options.request.timeoutSeconds * 1000 + lateMs;
    options.signal.addEventListener('abort', this.#stop, { once: true });
    if (options.signal.aborted) this.#stop();
  }

  /** How long no event has come. */
  get idleMs(): number {
    return this.#options.clock.now() - this.#lastEventAtMs;
  }

  /** The next event if it has been read already. */
  shift(): ReflectorEvent<T> | undefined {
    if (this.#interruption) return undefined;
    const event = this.#batch[this.#at];
    if (event === undefined) return undefined;
    this.#at += 1;
    this.#events += 1;
    return event;
  }

  /** The next event, or `undefined` when the server has ended the watch. Rejects with what broke or interrupted it. */
  async read(): Promise<ReflectorEvent<T> | undefined> {
    this.#throwIfInterrupted();
    return this.shift() ?? (await this.#fill());
  }

  async #fill(): Promise<ReflectorEvent<T> | undefined> {
    this.#waitingSinceMs = this.#options.clock.now();
    this.#armGuard();
    try {
      const batch = await this.#next();
      this.#lastEventAtMs = this.#options.clock.now();
      this.#hasEnded = batch === undefined;
      // A watch can also end because it was told to while it was being opened.
      if (this.#hasEnded) this.#throwIfInterrupted();
      this.#batch = batch ?? [];
      this.#at = 0;
      return this.shift();
    } finally {
      this.#waitingSinceMs = undefined;
      this.#rejectRead = undefined;
    }
  }

  /** Makes the waiting read, or else the next one, reject with `error`. The first interruption counts. */
  interrupt(error: Error): void {
    this.#interruption ??= error;
    this.#rejectRead?.(this.#interruption);
  }

  /** Ends the connection and waits until it has ended, at most a second. Later calls do nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { clock, onClosed, onAbandoned } = this.#options;
    const durationMs = clock.now() - this.openedAtMs;
    onClosed?.({ events: this.#events, durationMs, idleMs: this.idleMs });
    this.interrupt(stopRequested);
    this.#guard?.cancel();
    this.#guard = undefined;
    this.#options.signal.removeEventListener('abort', this.#stop);
    this.#abort.abort();
    const iterator = this.#iterator;
    if (!iterator?.return || this.#hasEnded) return;
    // How it ends does not matter any more, only that it does.
    const ended = (async () => iterator.return?.())();
    if (!(await settlesInTime(ended, clock))) onAbandoned();
  }

  #throwIfInterrupted(): void {
    if (this.#interruption) throw this.#interruption;
  }

  readonly #stop = (): void => {
    this.interrupt(stopRequested);
    this.#abort.abort(this.#options.signal.reason);
  };

  async #next(): Promise<readonly ReflectorEvent<T>[] | undefined> {
    const { listerWatcher, request } = this.#options;
    if (!this.#iterator) {
      const events = listerWatcher.watch({ ...request, signal: this.#abort.signal });
      this.#iterator = events[Symbol.asyncIterator]();
    }
    const next = nextOf(this.#iterator);
    return new Promise((resolve, reject) => {
      this.#rejectRead = reject;
      next.then(resolve, (error: unknown) => {
        // After an interruption the failure is our own abort, and the iterator still has to be told that we leave.
        this.#hasEnded = this.#interruption === undefined;
        // Passed on as it came; what a lister-watcher rejects with need not be an Error.
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors
        reject(this.#interruption ?? error);
      });
    });
  }

  /** One lazy timer per stream: when it fires it looks how long the current wait may still take. */
  #armGuard(): void {
    if (this.#guard) return;
    const remainingMs = this.#limitMs() - this.#options.clock.now();
    this.#guard = this.#options.clock.setTimeout(() => {
      this.#guard = undefined;
      if (this.#waitingSinceMs === undefined) return;
      const nowMs = this.#options.clock.now();
      if (nowMs < this.#limitMs()) return this.#armGuard();
      this.interrupt(new WatchSilentError(this.#options.name, this.idleMs));
    }, remainingMs);
  }

  #limitMs(): number {
    const sinceMs = this.#waitingSinceMs ?? this.#options.clock.now();
    const idleMs = this.#options.idleTimeoutMs;
    const overdueMs = Math.max(this.#deadlineMs, sinceMs + lateMs);
    return idleMs > 0 ? Math.min(sinceMs + idleMs, overdueMs) : overdueMs;
  }
}

/** What has come, as a batch of one where the iterator has no batches. */
async function nextOf<T>(
  iterator: EventIterator<T>,
): Promise<readonly ReflectorEvent<T>[] | undefined> {
  if (iterator.nextBatch) return iterator.nextBatch();
  const { done, value } = await iterator.next();
  return done === true ? undefined : [value];
}
