import type { ObjectLike } from '@kubeloop/cache-store';
import { systemClock, type Clock } from '@kubeloop/ratelimiter';
import { checkSignal, sleep, stopRequested } from './abort.ts';
import { isRefused, retryAfterMs } from './api-errors.ts';
import { WatchStatusError } from './errors.ts';
import type { ListerWatcher, ReflectorEvent } from './lister-watcher.ts';
import {
  checkClock,
  checkFunctions,
  checkMethods,
  checkOptions,
  checkTexts,
  duration,
} from './checks.ts';
import { selectorsOf } from './options.ts';
import { Reporter, type ReflectorErrorHandler } from './report.ts';
import { WatchStream } from './watch-stream.ts';

/** A change that a watch tells: an event that is neither a bookmark nor an error. */
export interface WatchChange<T> {
  /** What happened to the object. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The object after it; the last state for deletions. */
  readonly object: T;
}

/** How a {@link RetryWatcher} is made. Durations are in milliseconds. */
export interface RetryWatcherOptions<T> {
  /** Where to watch. `ResourceClient` of `@kubeloop/client` fits. */
  readonly listerWatcher: Pick<ListerWatcher<T>, 'watch' | 'resource'>;
  /** The version after which changes are told, such as that of a list. */
  readonly resourceVersion: string;
  /** For messages. Default: the name of the resource, else `unnamed`. */
  readonly name?: string | undefined;
  /** Only objects whose labels match. */
  readonly labelSelector?: string | undefined;
  /** Only objects whose fields match. */
  readonly fieldSelector?: string | undefined;
  /** Ends it: the iteration rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long a watch may bring nothing before its connection is taken for dead; 0 for ever. Default 150,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Where time comes from. Default: the process. */
  readonly clock?: Clock | undefined;
  /** Answers numbers from 0 up to 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Is told of every failure after which it tries again. Default: a process warning for each. */
  readonly onError?: ReflectorErrorHandler | undefined;
}

/** The least time between the beginnings of two tries. Source: client-go's `tools/watch/retrywatcher.go`. */
const leastRestartMs = 1000;

/** The server is asked to end each watch after one to two times this, as the reflector does. */
const watchTimeoutSeconds = 300;

/**
 * One unbroken watch: every change after a version once and in order, over as many connections as it takes.
 *
 * Watches that end, connections that break or cannot be opened, and errors of the server lead to another try from the
 * last version, a second after the last try began, or later where the server asks for it. It cannot go on where changes
 * may have been missed, or where nothing but refusals are to be expected; then the iteration rejects:
 * with {@link WatchStatusError} after a 410 event, with the client's error on 401 or 403, and with an Error after an event
 * that has no version. A 410 to the request itself is tried again, as in client-go.
 *
 * Nothing is open unless somebody iterates. One iteration at a time; a later one goes on from the last version. Leaving
 * the loop closes the connection; changes that nobody has read are forgotten.
 */
export class RetryWatcher<T extends ObjectLike> implements AsyncIterable<WatchChange<T>> {
  readonly #options: RetryWatcherOptions<T>;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #idleTimeoutMs: number;
  readonly #reporter: Reporter;
  #resourceVersion: string;
  #isIterated = false;

  /**
   * @throws RangeError when the version is empty or `"0"`, from which a watch starts with made-up events in no order;
   * TypeError when an option is of the wrong type
   */
  constructor(options: RetryWatcherOptions<T>) {
    checkOptions('Cannot make a RetryWatcher', options);
    checkMethods('listerWatcher', options.listerWatcher, ['watch']);
    checkFunctions(options, ['random', 'onError']);
    checkTexts(options, ['name', 'labelSelector', 'fieldSelector']);
    checkClock(options.clock);
    const { resourceVersion, signal, random = Math.random, clock = systemClock } = options;
    this.#name = options.name ?? options.listerWatcher.resource?.name ?? 'unnamed';
    if (typeof resourceVersion !== 'string')
      throw new TypeError(
        `Cannot watch "${this.#name}": resourceVersion is of type ${typeof resourceVersion}, not text`,
      );
    if (resourceVersion === '' || resourceVersion === '0')
      throw new RangeError(
        `Cannot watch "${this.#name}" from resourceVersion "${resourceVersion}": take that of a list`,
      );
    if (signal !== undefined) checkSignal(`Cannot watch "${this.#name}"`, signal);
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#idleTimeoutMs = duration('idleTimeoutMs', options.idleTimeoutMs ?? 150_000);
    this.#reporter = new Reporter(this.#name, options.onError);
    this.#resourceVersion = resourceVersion;
  }

  /** The version of the last change or bookmark that was read. */
  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  /** Begins to watch with the first `next`. `return` closes the connection at once, also while a `next` waits. */
  [Symbol.asyncIterator](): AsyncIterableIterator<WatchChange<T>, undefined> {
    const left = new AbortController();
    const changes = this.#iterate(left.signal);
    return {
      next: () => changes.next(),
      return: async () => {
        left.abort();
        await changes.return(undefined);
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  async *#iterate(left: AbortSignal): AsyncGenerator<WatchChange<T>, undefined> {
    if (this.#isIterated)
      throw new Error(`Cannot watch "${this.#name}" twice at a time: make another RetryWatcher`);
    this.#isIterated = true;
    const { signal } = this.#options;
    const stop = new AbortController();
    const onAbort = (): void => stop.abort();
    const signals = signal === undefined ? [left] : [left, signal];
    for (const each of signals) each.addEventListener('abort', onAbort);
    if (signals.some(({ aborted }) => aborted)) onAbort();
    try {
      yield* this.#changes(stop.signal);
    } catch (error) {
      if (error !== stopRequested) throw error;
      if (signal?.aborted && !left.aborted) throw signal.reason;
    } finally {
      for (const each of signals) each.removeEventListener('abort', onAbort);
      this.#isIterated = false;
    }
    return undefined;
  }

  /** Tries again and again. Rejects with what cannot be helped by another try. */
  async *#changes(signal: AbortSignal): AsyncGenerator<WatchChange<T>, never> {
    for (;;) {
      if (signal.aborted) throw stopRequested;
      const startedAtMs = this.#clock.now();
      let waitMs = 0;
      try {
        yield* this.#watch(signal);
      } catch (error) {
        if (isFinal(error)) throw error instanceof UnusableEvent ? error.cause : error;
        waitMs = retryAfterMs(error);
        this.#report(error, Math.max(waitMs, this.#untilRestartMs(startedAtMs)));
      }
      waitMs = Math.max(waitMs, this.#untilRestartMs(startedAtMs));
      if (waitMs > 0) await sleep(this.#clock, waitMs, signal);
    }
  }

  /** One watch, until the server ends it. Rejects with what breaks it. */
  async *#watch(signal: AbortSignal): AsyncGenerator<WatchChange<T>, undefined> {
    const stream = this.#open(signal);
    try {
      for (;;) {
        const event = await stream.read();
        if (event === undefined) return undefined;
        if (event.type === 'ERROR') throw new WatchStatusError(event.object);
        this.#resourceVersion = this.#versionOf(event);
        if (event.type !== 'BOOKMARK') yield event;
      }
    } finally {
      await stream.close();
    }
  }

  #open(signal: AbortSignal): WatchStream<T> {
    return new WatchStream<T>({
      name: this.#name,
      listerWatcher: this.#options.listerWatcher,
      request: {
        ...selectorsOf(this.#options),
        resourceVersion: this.#resourceVersion,
        allowWatchBookmarks: true,
        maxRetries: 0,
        timeoutSeconds: Math.floor(watchTimeoutSeconds * (1 + this.#random())),
      },
      idleTimeoutMs: this.#idleTimeoutMs,
      clock: this.#clock,
      signal,
      onAbandoned: () =>
        this.#report(
          new Error(`Cannot end a watch of "${this.#name}": it ignores its abort signal`),
          0,
        ),
    });
  }

  /** Without it nobody could say where the next watch has to begin. */
  #versionOf({ type, object }: Exclude<ReflectorEvent<T>, { readonly type: 'ERROR' }>): string {
    const isKnown = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'].includes(type);
    const version = object?.metadata?.resourceVersion;
    const fault = isKnown ? 'it has no resourceVersion' : 'no such type of event is known';
    if (isKnown && version) return version;
    throw new UnusableEvent(
      new Error(`Cannot go on watching "${this.#name}" after a ${type} event: ${fault}`),
    );
  }

  #untilRestartMs(startedAtMs: number): number {
    return Math.max(startedAtMs + leastRestartMs - this.#clock.now(), 0);
  }

  #report(error: unknown, retryInMs: number): void {
    const resourceVersion = this.#resourceVersion;
    const next = `retry in ${Math.round(retryInMs)} ms from resourceVersion ${resourceVersion}`;
    this.#reporter.report(error, {
      phase: 'watch',
      action: 'watch',
      next,
      retryInMs,
      resourceVersion,
    });
  }
}

/** Carries the error of an event from which nothing can go on. */
class UnusableEvent extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

function isFinal(error: unknown): boolean {
  if (error === stopRequested || error instanceof UnusableEvent) return true;
  return WatchStatusError.is(error) ? error.code === 410 : isRefused(error);
}
