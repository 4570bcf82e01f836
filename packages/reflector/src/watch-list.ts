import type { ObjectLike } from '@kubeloop/cache-store';
import { stopRequested } from './abort.ts';
import {
  isDenied,
  isExpired,
  isPutOff,
  isStreamingRefused,
  isTooLargeResourceVersion,
  isTooManyRequests,
} from './api-errors.ts';
import { assertConsistent, InconsistentListError } from './consistency.ts';
import { StoreError, VeryShortWatchError, WatchListTimeoutError } from './errors.ts';
import { Collector, InitialEventsGuard } from './initial-events.ts';
import type { ListReason } from './metrics.ts';
import { isConnectionBroken, isConnectionRefused } from './network-errors.ts';
import { shortWatchMs, type Session } from './session.ts';
import type { WatchListMemory } from './watch-list-memory.ts';
import type { WatchStream } from './watch-stream.ts';
import { Consumer } from './watch.ts';

/**
 * How many streams may end before their end bookmark until lists are made in pages instead. As many in a row may break, or be
 * put off with Retry-After, before they bring anything; that alone is no reason not to stream the next list.
 */
const maxUnfinished = 3;

/** A stream ended, or broke, before the bookmark that completes it. */
class UnfinishedError extends Error {}

/**
 * Fills the store by a streaming list (KEP-3157): a watch that first brings everything that exists, then a bookmark
 * that says so, then goes on as the watch.
 */
export class WatchLister<T extends ObjectLike> {
  readonly #session: Session<T>;
  readonly #memory: WatchListMemory;
  readonly #reason: ListReason;
  #unfinished = 0;
  #futile = 0;
  #withheld: unknown;

  constructor(session: Session<T>, memory: WatchListMemory, reason: ListReason) {
    this.#session = session;
    this.#memory = memory;
    this.#reason = reason;
  }

  /**
   * Streams until the store is filled; answers the stream, which goes on and must be closed by the caller, or
   * `undefined` when the list is to be made in pages. Why is reported, or {@link withheld}.
   */
  async run(): Promise<WatchStream<T> | undefined> {
    for (;;) {
      if (this.#session.signal.aborted) throw stopRequested;
      const resourceVersion = this.#session.settings.versions.forStream;
      try {
        return await this.#attempt(resourceVersion);
      } catch (error) {
        if (error === stopRequested || StoreError.is(error)) throw error;
        if (!(await this.#canRetry(error, resourceVersion))) return undefined;
      }
    }
  }

  /**
   * Why nothing could be streamed, when that has not been reported: because the answer was about who asks or what for, a
   * list has most likely the same one, and one report of it is enough.
   */
  get withheld(): unknown {
    return this.#withheld;
  }

  async #attempt(resourceVersion: string): Promise<WatchStream<T>> {
    const stream = this.#session.openStream({
      ...(resourceVersion === '' ? {} : { resourceVersion }),
      resourceVersionMatch: 'NotOlderThan',
      sendInitialEvents: true,
    });
    try {
      await this.#fill(stream);
      return stream;
    } catch (error) {
      await stream.close();
      throw error;
    }
  }

  async #fill(stream: WatchStream<T>): Promise<void> {
    const { clock, name, versions, writer, watchListTimeoutMs } = this.#session.settings;
    const guard = new InitialEventsGuard({
      name,
      clock,
      timeoutMs: watchListTimeoutMs,
      onOverdue: (error) => this.#session.report(error, 'watch-list', 'wait'),
      onTimeout: (error) => stream.interrupt(error),
    });
    const collector = new Collector<T>(
      (obj) => writer.tryPrepare(obj),
      () => guard.sawNewObject(),
    );
    let version = '';
    const consumer = new Consumer<T>({
      sink: collector,
      expectedKind: this.#session.settings.expectedKind,
      onSkip: (error) => this.#session.report(error, 'event', 'skip'),
      onVersion: (resourceVersion, isPastInitialEvents) => {
        guard.sawEvent();
        if (isPastInitialEvents) version = resourceVersion;
      },
    });
    try {
      await this.#untilComplete(stream, consumer);
    } finally {
      guard.stop();
    }
    versions.isUnavailable = false;
    const { objects } = collector;
    if (this.#session.settings.checkStreamedLists) {
      await assertConsistent(this.#session, objects, version);
    }
    await writer.replace(objects, version);
    versions.last = version;
    const durationMs = clock.now() - stream.openedAtMs;
    const measurement = { reason: this.#reason, mode: 'streamed', durationMs } as const;
    this.#session.measure((metrics) => metrics.listed?.({ ...measurement, items: objects.length }));
  }

  async #untilComplete(stream: WatchStream<T>, consumer: Consumer<T>): Promise<void> {
    let cause: unknown;
    try {
      const outcome = await consumer.run(stream, { untilInitialEventsEnd: true });
      if (outcome === 'initial-events-end') return;
    } catch (error) {
      if (!isConnectionBroken(error) || isConnectionRefused(error)) throw error;
      cause = error;
    }
    const { clock, name } = this.#session.settings;
    if (consumer.events === 0 && clock.now() - stream.openedAtMs < shortWatchMs) {
      throw new VeryShortWatchError(name, cause);
    }
    const text = `Cannot stream the list of "${name}": the watch ended before the list was complete`;
    throw new UnfinishedError(text, { cause });
  }

  /** Reports `error` unless it is {@link withheld}, and makes ready for another stream where that may help. */
  async #canRetry(error: unknown, resourceVersion: string): Promise<boolean> {
    const session = this.#session;
    if (isConnectionRefused(error) || isTooManyRequests(error)) {
      await session.backOff(error, 'watch-list', 'watch-list');
      return true;
    }
    const isBrokenAtOnce = VeryShortWatchError.is(error) && error.cause !== undefined;
    if ((isBrokenAtOnce || isPutOff(error)) && this.#futile < maxUnfinished - 1) {
      this.#futile += 1;
      await session.reconnect(error, 'watch-list');
      return true;
    }
    const isVersionLost = isExpired(error) || isTooLargeResourceVersion(error);
    if (isVersionLost && resourceVersion !== '') {
      session.settings.versions.isUnavailable = true;
      session.report(error, 'watch-list', 'watch-list', { resourceVersion: '' });
      return true;
    }
    if (error instanceof UnfinishedError) {
      this.#unfinished += 1;
      if (this.#unfinished < maxUnfinished) {
        session.report(error, 'watch-list', 'watch-list', { resourceVersion });
        return true;
      }
    }
    const hasRefused =
      WatchListTimeoutError.is(error) ||
      error instanceof UnfinishedError ||
      error instanceof InconsistentListError;
    if (hasRefused || isStreamingRefused(error)) this.#memory.refuse();
    if (isDenied(error)) this.#withheld = error;
    else session.report(error, 'watch-list', 'list');
    return false;
  }
}
