import type { Clock, Timer } from '@kubeloop/ratelimiter';
import { systemClock } from '@kubeloop/ratelimiter';
import { dispatch } from './dispatch.ts';
import { enqueueMapped, isPromise } from './event-handler.ts';
import { checkFunction, checkGiven, checkMethods } from './option-checks.ts';
import type { Request } from './request.ts';
import type { Source, SourceContext, SourceDescription } from './source.ts';

/** Says which requests are due; called again at each turn. */
export type DueRequests = (options: {
  /** Aborts when the controller stops. */
  readonly signal: AbortSignal;
}) => Iterable<Request> | Promise<Iterable<Request>> | undefined;

/** What an {@link IntervalSource} is made of. */
export interface IntervalSourceOptions {
  /** Names the source in reports. */
  readonly name: string;
  /** How far the turns are apart. More than zero. */
  readonly intervalMs: number;
  /** The requests of each turn, or who says them. What it throws is reported, and the next turn comes all the same. */
  readonly requests: readonly Request[] | DueRequests;
  /**
   * By what part of `intervalMs` a turn may come late, at random, so that many processes do not ask at the same moment;
   * 0 to 1. Default 0.
   */
  readonly jitter?: number | undefined;
  /** Numbers from 0 up to 1 for the jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Default: the clock of the controller. */
  readonly clock?: Clock | undefined;
}

/**
 * Requests at regular times, for what tells nobody when it changes. The first turn comes one interval after the start.
 *
 * Turns keep to the times that the start has set and do not drift. One that comes late, because the event loop was blocked
 * or the machine slept, or because the one before took long, counts for all that were missed: they are never made up for in
 * a burst, and two turns never run at the same time.
 */
export class IntervalSource implements Source {
  /** Names the source in reports. */
  readonly name: string;
  readonly #options: IntervalSourceOptions;
  readonly #jitter: number;
  readonly #random: () => number;
  #clock: Clock;
  #startMs: number | undefined;
  /** The turn that is due next, counted from the start. */
  #turn = 0;
  #timer: Timer | undefined;
  #handling: void | Promise<void> = undefined;
  #isStopped = false;
  #lastError: unknown;

  /**
   * @throws RangeError when the interval is no time above zero or the jitter is not from 0 to 1; TypeError when `requests`
   * is neither a list nor a function
   */
  constructor(options: IntervalSourceOptions) {
    checkGiven('Cannot make an interval source', options);
    const { name, intervalMs, requests, jitter = 0 } = options;
    if (!(Number.isFinite(intervalMs) && intervalMs > 0))
      throw new RangeError(
        `Cannot make source "${name}" with an interval of ${String(intervalMs)}: it must be a finite number of milliseconds above 0`,
      );
    if (!(Number.isFinite(jitter) && jitter >= 0 && jitter <= 1))
      throw new RangeError(
        `Cannot make source "${name}" with a jitter of ${String(jitter)}: it must be a number from 0 to 1`,
      );
    if (!Array.isArray(requests)) checkFunction(`the requests of source "${name}"`, requests);
    if (options.clock !== undefined)
      checkMethods('this clock', options.clock, ['now', 'setTimeout']);
    this.name = name;
    this.#options = options;
    this.#jitter = jitter;
    this.#random = options.random ?? Math.random;
    this.#clock = options.clock ?? systemClock;
  }

  /** Sets the time from which turns count. There is nothing to wait for. */
  start(context: SourceContext): Promise<void> {
    if (this.#startMs !== undefined)
      return Promise.reject(new Error(`Cannot start source "${this.name}" twice`));
    this.#clock = this.#options.clock ?? context.clock ?? systemClock;
    this.#startMs = this.#clock.now();
    this.#arm(context, this.#startMs);
    return Promise.resolve();
  }

  /** Takes no more turns; resolves when the one in work has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#handling;
  }

  /** How far it is, and what the last turn failed with; time has nothing to catch up with. */
  describe(): SourceDescription {
    const isSynced = this.#startMs !== undefined;
    return { name: this.name, isSynced, lastError: this.#lastError };
  }

  /** The next turn is the first whose time has not come, and never the same one again: timers may be a little early. */
  #arm(context: SourceContext, startMs: number): void {
    if (this.#isStopped) return;
    const { intervalMs } = this.#options;
    const nowMs = this.#clock.now();
    const passed = Math.floor((nowMs - startMs) / intervalMs);
    this.#turn = Math.max(this.#turn, passed) + 1;
    const lateMs = this.#jitter * this.#random() * intervalMs;
    const dueMs = startMs + this.#turn * intervalMs + lateMs;
    this.#timer = this.#clock.setTimeout(() => this.#take(context, startMs), dueMs - nowMs);
  }

  #take(context: SourceContext, startMs: number): void {
    const answer = this.#enqueue(context);
    if (!isPromise(answer)) {
      this.#arm(context, startMs);
      return;
    }
    this.#handling = this.#wait(answer, context, startMs);
  }

  async #wait(handling: Promise<void>, context: SourceContext, startMs: number): Promise<void> {
    await handling;
    this.#handling = undefined;
    this.#arm(context, startMs);
  }

  /** Never throws and never rejects. */
  #enqueue(context: SourceContext): void | Promise<void> {
    const { requests } = this.#options;
    const due = typeof requests === 'function' ? requests : () => requests;
    this.#lastError = undefined;
    return dispatch(
      { type: 'generic', event: { object: { signal: context.signal } } },
      {
        handler: enqueueMapped(due),
        predicates: [],
        enqueue: context.enqueue,
        onError: (error, action) => {
          this.#lastError = error;
          context.onHandlerError(error, action);
        },
        source: context.wantsCauses ? this.name : undefined,
      },
    );
  }
}
