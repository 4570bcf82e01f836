import type { KubeClient } from '@kubeloop/client';
import { events, isAlreadyExists, isNotFound } from '@kubeloop/client';
import type { Clock } from '@kubeloop/ratelimiter';
import { endsWithin } from '../deadline.ts';
import type { Logger } from '../logger.ts';
import { nap } from '../sleep.ts';
import { failureOf } from './event-failure.ts';
import type { EventSeries } from './event-series.ts';

/** What an {@link EventPoster} works with. */
export interface EventPosterOptions {
  readonly client: Pick<KubeClient, 'resource'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** How many events may wait. */
  readonly queueSize: number;
  /** Hears of each event that was given up. */
  readonly onLost: (series: EventSeries) => void;
}

/** As client-go: twelve tries, ten seconds apart (`tools/record/event.go`). */
const maxTries = 12;
const retryMs = 10_000;

/** Writes events one after the other, in the order in which they came, and tries again what can be tried again. */
export class EventPoster {
  readonly #options: EventPosterOptions;
  readonly #queue: EventSeries[] = [];
  readonly #abort = new AbortController();
  #working: Promise<void> | undefined;
  /** Aborts when the close begins: nothing is waited for any more. */
  readonly #closing = new AbortController();
  #written = 0;

  constructor(options: EventPosterOptions) {
    this.#options = options;
  }

  /** How many events wait, without the one that is being written. */
  get queued(): number {
    return this.#queue.length;
  }

  /** How many calls have succeeded. */
  get written(): number {
    return this.#written;
  }

  /** Whether there is no place for another event. */
  get isFull(): boolean {
    return this.#queue.length >= this.#options.queueSize;
  }

  /** Lets a series be written, with what it has become by then. Whether there was a place. */
  offer(series: EventSeries): boolean {
    if (series.state === 'writing') series.isWantedAgain = true;
    if (series.state !== 'idle') return true;
    if (this.isFull || this.#abort.signal.aborted) return false;
    series.state = 'waiting';
    this.#queue.push(series);
    this.#working ??= this.#work();
    return true;
  }

  /** Tries what waits once more, for as long as given; then gives up. Never rejects. */
  async close(flushMs: number): Promise<void> {
    this.#closing.abort();
    const working = this.#working ?? Promise.resolve();
    const isDone = flushMs > 0 && (await endsWithin(working, flushMs, this.#options.clock));
    this.#abort.abort(new DOMException('The event recorder is closed', 'AbortError'));
    if (!isDone) await working;
  }

  async #work(): Promise<void> {
    await Promise.resolve(); // the caller of offer goes on first
    for (let series = this.#queue.shift(); series; series = this.#queue.shift()) {
      series.state = 'writing';
      const isWritten = await this.#post(series);
      series.state = 'idle';
      if (isWritten && series.isWantedAgain && series.isBehind) this.offer(series);
      series.isWantedAgain = false;
    }
    this.#working = undefined;
  }

  async #post(series: EventSeries): Promise<boolean> {
    const { clock, random, onLost } = this.#options;
    const { signal } = this.#abort;
    for (let tries = 1; ; tries += 1) {
      if (signal.aborted) break;
      try {
        await this.#write(series, tries);
        this.#written += 1;
        return true;
      } catch (error) {
        if (!this.#shouldRetry(error, series, tries)) break;
      }
      // The first delay is random, so that clients do not all come back at once.
      const delayMs = tries === 1 ? retryMs * random() : retryMs;
      await nap(delayMs, clock, this.#closing.signal).catch(() => undefined); // only an abort ends it early
    }
    onLost(series);
    return false;
  }

  #shouldRetry(error: unknown, { event }: EventSeries, tries: number): boolean {
    const { logger } = this.#options;
    if (this.#abort.signal.aborted) return false;
    const entry = { event: event.metadata?.name, reason: event.reason, note: event.note, error };
    const failure = failureOf(error);
    if (failure === 'retry' && tries < maxTries && !this.#closing.signal.aborted) {
      logger.debug('An event could not be written and will be tried again', entry);
      return true;
    }
    if (failure === 'drop quietly') logger.debug('An event was refused', entry);
    else logger.warn('An event could not be written and is given up', entry);
    return false;
  }

  /** Creates the event, or patches its count; one that has expired meanwhile is created again. */
  async #write(series: EventSeries, tries: number): Promise<void> {
    const { client, clock } = this.#options;
    const { name = '', namespace = '' } = series.event.metadata ?? {};
    const calls = client.resource(events).namespace(namespace);
    const { signal } = this.#abort;
    const { object, patch, written } = series.snapshot();
    if (series.isCreated) {
      try {
        await calls.patch(name, patch, { type: 'merge', signal });
        return written(clock.now());
      } catch (error) {
        if (!isNotFound(error)) throw error;
        series.isCreated = false;
      }
    }
    try {
      await calls.create(object, { signal });
    } catch (error) {
      // An earlier try whose answer was lost has created it; its count is patched when there is more to say.
      if (!isAlreadyExists(error) || tries === 1) throw error;
      series.isCreated = true;
      if (series.count > 1) return this.#write(series, tries);
    }
    written(clock.now());
  }
}
