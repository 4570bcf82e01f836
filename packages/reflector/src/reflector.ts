import type { ObjectLike } from '@kubeloop/cache-store';
import { checkSignal, sleep, stopRequested } from './abort.ts';
import { isExpired, statusOf } from './api-errors.ts';
import { StoreError } from './errors.ts';
import type { ListReason } from './metrics.ts';
import { settingsOf, type ReflectorOptions } from './options.ts';
import { duration } from './checks.ts';
import { PagedLister } from './paged-list.ts';
import type { ReflectorErrorContext, ReflectorPhase } from './report.ts';
import { delayAfter } from './restart-policy.ts';
import { RelistTimer } from './relist.ts';
import { resyncEvery } from './resync.ts';
import { Session, type Settings } from './session.ts';
import { WatchListMemory } from './watch-list-memory.ts';
import { WatchLister } from './watch-list.ts';
import { WatchLoop } from './watch-loop.ts';

/** What a reflector is doing. */
export type ReflectorActivity = 'stopped' | 'listing' | 'streaming' | 'watching' | 'waiting';

/** What a reflector tells about itself, for readiness checks and state dumps. */
export interface ReflectorState {
  /** Its name. */
  readonly name: string;
  /** What it is doing now. `waiting` means: after a failure, for the next try. */
  readonly activity: ReflectorActivity;
  /** Whether the store has held a whole list since the last `run`. */
  readonly isSynced: boolean;
  /** The version up to which the store is complete. Empty before the first list. */
  readonly resourceVersion: string;
  /** The failure reported last, until a list or an event has come through. */
  readonly lastError:
    | { readonly error: unknown; readonly context: ReflectorErrorContext }
    | undefined;
  /** Whether lists are made in pages because the server has shown that it does not stream them. */
  readonly isStreamingRefused: boolean;
}

/** Why a cycle of list and watch ended, when it was not told to. */
interface Failure {
  readonly error: unknown;
  readonly phase: ReflectorPhase;
  readonly reason: ListReason;
}

/**
 * Keeps a store equal to a collection of the API server: lists it, then watches it, for as long as it runs.
 *
 * Promises. The store gets every change in the order the server tells it, one call at a time; a relist arrives as one
 * `replace`. Time never goes backwards: a list is never older than what the store has seen, except when the server
 * has lost that version. Every failure is reported with what is done next, and tried again with a backoff; none ends
 * the reflector. Objects are at most late, never lost: what a broken watch may have missed, the next one or a list brings.
 *
 * @example
 * const reflector = new Reflector({ listerWatcher: client.resource(pods), store });
 * await reflector.run({ signal });
 */
export class Reflector<T extends ObjectLike> {
  readonly #settings: Settings<T>;
  readonly #resyncPeriodMs: number;
  readonly #relistPeriodMs: number;
  readonly #shouldResync: () => boolean;
  readonly #wantsStreams: boolean;
  readonly #memory: WatchListMemory;
  readonly #pagedLister = new PagedLister<T>();
  #activity: ReflectorActivity = 'stopped';
  #isSynced = false;

  /**
   * Starts nothing.
   *
   * @throws TypeError or RangeError when an option cannot be used
   */
  constructor(options: ReflectorOptions<T>) {
    this.#settings = settingsOf(options);
    this.#resyncPeriodMs = duration('resyncPeriodMs', options.resyncPeriodMs ?? 0);
    this.#relistPeriodMs = duration('relistPeriodMs', options.relistPeriodMs ?? 0);
    this.#shouldResync = options.shouldResync ?? (() => true);
    this.#wantsStreams =
      (options.watchList ?? true) && options.listerWatcher.supportsWatchList !== false;
    this.#memory = options.watchListMemory ?? new WatchListMemory({ clock: this.#settings.clock });
  }

  /** What messages call it. */
  get name(): string {
    return this.#settings.name;
  }

  /** The version of the last list or event that the store has. Empty before the first list; kept when stopped. */
  get lastSyncResourceVersion(): string {
    return this.#settings.versions.last;
  }

  /** What it is doing, and what went wrong last. */
  describe(): ReflectorState {
    return {
      name: this.name,
      activity: this.#activity,
      isSynced: this.#isSynced,
      resourceVersion: this.lastSyncResourceVersion,
      lastError: this.#settings.reporter.last,
      isStreamingRefused: this.#memory.isRefused,
    };
  }

  /**
   * Lists and watches until `signal` aborts. Resolves when everything it started has ended: no request, timer or
   * call into the store is left. A request that ignores its signal for a second is reported and left alone.
   * May be called again then; it goes on from the version it has.
   *
   * @throws Error when it is running already; TypeError without a signal
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const signal: unknown = options?.signal;
    checkSignal(`Cannot run reflector "${this.name}"`, signal);
    if (this.#activity !== 'stopped') {
      throw new Error(`Cannot run reflector "${this.name}": it is running already`);
    }
    this.#isSynced = false;
    let reason: ListReason = this.lastSyncResourceVersion === '' ? 'initial' : 'restart';
    try {
      while (!signal.aborted) {
        this.#activity = 'listing';
        const end = await this.#cycle(signal, reason);
        if (!end) return;
        if (end === 'relist') {
          reason = 'periodic';
          continue;
        }
        reason = end.reason;
        await this.#waitAfter(end, signal);
      }
    } catch (error) {
      if (error !== stopRequested) throw error;
    } finally {
      this.#activity = 'stopped';
    }
  }

  /** One list and the watches after it. Answers why another list is needed, or `undefined` after a stop. */
  async #cycle(signal: AbortSignal, reason: ListReason): Promise<Failure | 'relist' | undefined> {
    const cycle = new AbortController();
    const stop = (): void => cycle.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const session = new Session(this.#settings, cycle.signal);
    let resyncing: Promise<Failure | undefined> = Promise.resolve(undefined);
    let failure: Failure | undefined;
    let relist: RelistTimer | undefined;
    try {
      const stream = await this.#fillStore(session, reason);
      this.#activity = 'watching';
      resyncing = this.#resyncDuring(cycle);
      relist = this.#relistAfter(cycle);
      failure = { ...(await new WatchLoop(session).run(stream)), phase: 'watch' };
    } catch (error) {
      failure = failureOf(error);
    }
    relist?.stop();
    signal.removeEventListener('abort', stop);
    cycle.abort();
    const resyncFailure = await resyncing;
    const isListDue = !failure && relist?.isDue === true && !signal.aborted;
    if (!resyncFailure) return isListDue ? 'relist' : failure;
    if (!failure && !signal.aborted) return resyncFailure;
    session.report(resyncFailure.error, 'resync', 'skip');
    return failure;
  }

  /** Lists, by a stream where that can be. Answers the stream that goes on as the first watch. */
  async #fillStore(session: Session<T>, reason: ListReason): ReturnType<WatchLister<T>['run']> {
    let stream: Awaited<ReturnType<WatchLister<T>['run']>>;
    if (this.#canStream) {
      this.#activity = 'streaming';
      const lister = new WatchLister(session, this.#memory, reason);
      stream = await lister.run();
      this.#activity = 'listing';
      if (!stream) await this.#listInstead(session, reason, lister.withheld);
    } else {
      await this.#pagedLister.run(session, reason);
    }
    this.#isSynced = true;
    this.#settings.reporter.clear();
    return stream;
  }

  /** Lists after a stream that was refused for `withheld`, which is reported unless the list is refused alike. */
  async #listInstead(session: Session<T>, reason: ListReason, withheld: unknown): Promise<void> {
    try {
      await this.#pagedLister.run(session, reason);
    } catch (error) {
      const isAlike = statusOf(error)?.code === statusOf(withheld)?.code;
      if (withheld !== undefined && !isAlike) session.report(withheld, 'watch-list', 'list');
      throw error;
    }
    if (withheld !== undefined) session.report(withheld, 'watch-list', 'watch');
  }

  /** Calls the store's resync each period; a failure ends the cycle. */
  async #resyncDuring(cycle: AbortController): Promise<Failure | undefined> {
    if (this.#resyncPeriodMs === 0) return undefined;
    const { clock, writer } = this.#settings;
    const resync = async (): Promise<void> => {
      if (this.#shouldResync()) await writer.resync();
    };
    const failed = await resyncEvery(this.#resyncPeriodMs, resync, { clock, signal: cycle.signal });
    if (!failed) return undefined;
    cycle.abort();
    return { error: failed.error, phase: 'resync', reason: 'store-failed' };
  }

  /** Ends the cycle when the next periodic list is due. */
  #relistAfter(cycle: AbortController): RelistTimer {
    const { clock, random } = this.#settings;
    return new RelistTimer({
      periodMs: this.#relistPeriodMs,
      clock,
      random,
      onDue: () => cycle.abort(),
    });
  }

  async #waitAfter({ error, phase }: Failure, signal: AbortSignal): Promise<void> {
    this.#activity = 'waiting';
    const { backoff, clock } = this.#settings;
    const retryInMs = delayAfter(error, backoff);
    const action = this.#canStream ? 'watch-list' : 'list';
    new Session(this.#settings, signal).report(error, phase, action, { retryInMs });
    await sleep(clock, retryInMs, signal);
  }

  get #canStream(): boolean {
    return this.#wantsStreams && !this.#memory.isRefused;
  }
}

function failureOf(error: unknown): Failure | undefined {
  if (error === stopRequested) return undefined;
  if (StoreError.is(error)) return { error, phase: 'store', reason: 'store-failed' };
  return { error, phase: 'list', reason: isExpired(error) ? 'expired' : 'list-failed' };
}
