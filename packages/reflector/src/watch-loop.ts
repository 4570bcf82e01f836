import type { ObjectLike } from '@kubeloop/cache-store';
import { stopRequested } from './abort.ts';
import { isExpired, isPutOff, isTooManyRequests } from './api-errors.ts';
import { VeryShortWatchError, WatchSilentError, WatchStatusError } from './errors.ts';
import type { ListReason } from './metrics.ts';
import { isConnectionBroken, isConnectionRefused } from './network-errors.ts';
import { InternalErrorBudget } from './restart-policy.ts';
import { shortWatchMs, type Session } from './session.ts';
import type { WatchStream } from './watch-stream.ts';
import { Consumer } from './watch.ts';

/** Why watching cannot go on without a new list. */
export interface WatchFailure {
  readonly error: unknown;
  readonly reason: ListReason;
}

/** How one watch went. */
interface Attempt {
  /** What ended it, or `undefined` when the server ended it in peace. */
  readonly error: unknown;
  readonly events: number;
  readonly durationMs: number;
}

/**
 * How many watches in a row may break, or be put off with Retry-After, before they bring anything: neither says anything
 * against what the store holds. Then a list is tried instead. Source: `maxRetries` of client-go's `rest/request.go`.
 */
const maxFutile = 10;

/** Watches, again and again, as long as no list is needed. */
export class WatchLoop<T extends ObjectLike> {
  readonly #session: Session<T>;
  readonly #budget: InternalErrorBudget;
  /** How many watches in a row broke, or were put off, before they brought anything. */
  #futile = 0;

  constructor(session: Session<T>) {
    this.#session = session;
    const { maxInternalErrorRetryMs, clock } = session.settings;
    this.#budget = new InternalErrorBudget(maxInternalErrorRetryMs, clock);
  }

  /**
   * Watches until a list is needed; rejects when the session is told to stop.
   *
   * @param first - a streaming list that is complete and goes on as the first watch; is closed in any case
   */
  async run(first: WatchStream<T> | undefined): Promise<WatchFailure> {
    let stream = first;
    for (;;) {
      const attempt = await this.#watch(stream);
      stream = undefined;
      if (attempt.error === stopRequested) throw stopRequested;
      const failure = await this.#judge(attempt);
      if (failure) return failure;
    }
  }

  async #watch(first: WatchStream<T> | undefined): Promise<Attempt> {
    const session = this.#session;
    const { clock, versions, writer, reporter } = session.settings;
    const startedAtMs = clock.now();
    const resourceVersion = versions.last;
    // Without a version to start from, ADDED events come in no order at first, and their versions say nothing.
    const startsInOrder =
      first !== undefined || (resourceVersion !== '' && resourceVersion !== '0');
    const stream = first ?? session.openStream(resourceVersion === '' ? {} : { resourceVersion });
    const consumer = new Consumer<T>({
      sink: writer,
      expectedKind: session.settings.expectedKind,
      onSkip: (error) => session.report(error, 'event', 'skip'),
      onVersion: (version, isPastInitialEvents) => {
        reporter.clear();
        if (!startsInOrder && !isPastInitialEvents) return;
        versions.last = version;
        writer.updateResourceVersion(version);
        session.measure((metrics) => metrics.resourceVersion?.(version));
      },
    });
    let error: unknown;
    try {
      await consumer.run(stream, { untilInitialEventsEnd: false });
    } catch (thrown) {
      error = thrown;
    }
    const durationMs = clock.now() - startedAtMs;
    await stream.close();
    this.#budget.observe(error);
    return { error, events: consumer.events, durationMs };
  }

  /** Decides about another watch, and waits where that has to wait. Answers what needs a list. */
  async #judge({ error, events, durationMs }: Attempt): Promise<WatchFailure | undefined> {
    const session = this.#session;
    if (isConnectionRefused(error) || isTooManyRequests(error)) {
      await session.backOff(error, 'watch', 'watch');
      return undefined;
    }
    const isShort = durationMs < shortWatchMs;
    const isBroken = WatchSilentError.is(error) || isConnectionBroken(error);
    const isFutile = events === 0 && ((isShort && isBroken) || isPutOff(error));
    this.#futile = isFutile ? this.#futile + 1 : 0;
    if (isFutile && this.#futile <= maxFutile) {
      await session.reconnect(error, 'watch');
      return undefined;
    }
    if ((error === undefined || isBroken) && isShort && events === 0) {
      const shortWatch = new VeryShortWatchError(session.settings.name, error);
      return { error: shortWatch, reason: 'short-watch' };
    }
    if (error === undefined) return undefined;
    if (isBroken && isShort) {
      await session.reconnect(error, 'watch');
      return undefined;
    }
    if (isBroken || (WatchStatusError.is(error) && this.#budget.allows(error))) {
      session.report(error, 'watch', 'watch');
      return undefined;
    }
    return { error, reason: isExpired(error) ? 'expired' : 'watch-failed' };
  }
}
