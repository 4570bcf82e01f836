import { hostname } from 'node:os';
import type { ObjectLike } from '@kubeloop/cache-store';
import type { Clock, Timer } from '@kubeloop/ratelimiter';
import { systemClock } from '@kubeloop/ratelimiter';
import type { Logger } from '../logger.ts';
import { defaultLogger } from '../default-logger.ts';
import { guardLogger } from '../logger.ts';
import type { EventFields, EventParts, EventSource, EventSubject } from './event-object.ts';
import { checkFields, eventObject, subjectOf } from './event-object.ts';
import { EventPoster } from './event-poster.ts';
import type { EventRecorderLike } from './event-recorder-like.ts';
import type { EventCounters, EventRecorderOptions } from './event-recorder-options.ts';
import { checkRecorderOptions } from './event-recorder-options.ts';
import { EventSeries } from './event-series.ts';
import { RecentMap } from './recent-map.ts';
import { Aggregator, longestMemory, SpamFilter } from './similar-events.ts';

/** A series ends after so long a silence, and one that goes on is written so often (client-go `tools/events`). */
const finishMs = 360_000;
const refreshMs = 1_800_000;
/** How often series are looked after. */
const sweepMs = 60_000;

const combined = '(combined from similar events): ';

/**
 * Tells people what happens to objects, by events of `events.k8s.io/v1` which `kubectl describe` shows.
 *
 * An event that happens again becomes a series: the second time its count is written, further ones are counted and written
 * every 30 minutes, and when it has not happened for 6 minutes; then the series is over. Of events that differ by their
 * notes alone, those from the tenth on within ten minutes become one. An object gets 25 writes, then one in 5 minutes.
 *
 * Recording never waits and never throws. Events are written in order, one at a time; what cannot be written is tried up to
 * twelve times, ten seconds apart, unless the server has refused it. Starts nothing before the first event.
 */
export class EventRecorder implements EventRecorderLike, AsyncDisposable {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #now: () => Date;
  readonly #logger: Logger;
  readonly #source: EventSource;
  readonly #poster: EventPoster;
  readonly #aggregator: Aggregator;
  readonly #spam: SpamFilter;
  readonly #series: RecentMap<EventSeries>;
  readonly #onAbort = (): void => void this.close();
  #sequence: number;
  #sweep: Timer | undefined;
  #closed: Promise<void> | undefined;
  #dropped = 0;
  #suppressed = 0;
  #lost = 0;

  /** @throws TypeError or RangeError when an option cannot be used */
  constructor(options: EventRecorderOptions) {
    checkRecorderOptions(options);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#now = options.now ?? (() => new Date());
    this.#logger = guardLogger(options.logger ?? defaultLogger()).child({ events: options.name });
    const instance = options.instance ?? `${options.name}-${hostname()}`;
    this.#source = {
      reportingController: options.name,
      reportingInstance: instance.slice(0, 128),
    };
    const random = options.random ?? Math.random;
    this.#sequence = Math.floor(random() * 1_000_000);
    this.#poster = new EventPoster({
      client: options.client,
      clock: this.#clock,
      random,
      logger: this.#logger,
      queueSize: options.queueSize ?? 1000,
      onLost: (series) => this.#gaveUp(series),
    });
    this.#aggregator = new Aggregator(this.#clock);
    this.#spam = new SpamFilter(this.#clock);
    this.#series = new RecentMap(longestMemory, (series) => this.#finish(series));
    if (options.signal?.aborted) this.#onAbort();
    else options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** What it has done so far. */
  get counters(): EventCounters {
    return {
      queued: this.#poster.queued,
      written: this.#poster.written,
      dropped: this.#dropped,
      suppressed: this.#suppressed,
      lost: this.#lost,
    };
  }

  /**
   * Records that something has happened to an object, which must say its `apiVersion` and `kind`; those of caches and
   * clients do. Never waits and never throws: what cannot be recorded is reported to the logger, and an event that there
   * is no place for is dropped and counted.
   */
  event(object: ObjectLike, fields: EventFields): void {
    try {
      checkFields(fields);
      const related = fields.related && subjectOf(fields.related);
      this.#record({ subject: subjectOf(object), related, fields, source: this.#source });
    } catch (error) {
      this.#logger.warn('An event cannot be recorded', { error });
    }
  }

  /**
   * Takes no more events and writes what waits, with the last counts of all series, for up to `flushTimeoutMs`; what fails
   * then is not tried again. Resolves when neither call nor timer is left. Never rejects; can be called again.
   */
  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  /** As {@link EventRecorder.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#sweep?.cancel();
    for (const series of this.#series.values()) this.#finish(series);
    await this.#poster.close(this.#options.flushTimeoutMs ?? 2000);
  }

  #record(parts: EventParts): void {
    if (this.#closed) {
      this.#dropped += 1;
      return;
    }
    const { fields } = parts;
    const group = groupOf(parts);
    const isOneTooMany = this.#aggregator.isOneTooMany(group, fields.note);
    const key = isOneTooMany ? group : `${group}\n${fields.note}`;
    const known = this.#goingOn(key);
    if (known) this.#again(known);
    else if (isOneTooMany)
      this.#begin(key, { ...parts, fields: { ...fields, note: combined + fields.note } });
    else this.#begin(key, parts);
  }

  /** The series of an event, unless it is over. */
  #goingOn(key: string): EventSeries | undefined {
    const series = this.#series.get(key);
    if (!series || series.silentMs(this.#clock.now()) < finishMs) return series;
    this.#finish(series);
    return undefined;
  }

  #begin(key: string, parts: EventParts): void {
    if (this.#poster.isFull) {
      this.#dropped += 1;
      return;
    }
    if (!this.#spam.allow(spamKeyOf(parts.subject, parts.fields.type))) {
      this.#suppressed += 1;
      return;
    }
    const time = this.#now();
    this.#sequence += 1;
    const event = eventObject(parts, time, this.#sequence);
    const series = new EventSeries(event, key, time, this.#clock.now());
    this.#series.set(key, series);
    this.#poster.offer(series);
    this.#sweepLater();
  }

  #again(series: EventSeries): void {
    series.observe(this.#now(), this.#clock.now());
    // The second time is written at once, later ones when the series is looked after.
    if (series.count !== 2 || series.state === 'waiting' || this.#poster.isFull) return;
    const { regarding, type } = series.event;
    if (this.#spam.allow(spamKeyOf(regarding, type))) this.#poster.offer(series);
    else this.#suppressed += 1;
  }

  #sweepLater(): void {
    if (this.#sweep || this.#closed) return;
    this.#sweep = this.#clock.setTimeout(() => {
      this.#sweep = undefined;
      this.#lookAfterSeries();
      if (this.#series.size > 0) this.#sweepLater();
    }, sweepMs);
    this.#sweep.unref();
  }

  #lookAfterSeries(): void {
    const nowMs = this.#clock.now();
    for (const series of this.#series.values()) {
      if (series.silentMs(nowMs) >= finishMs) this.#finish(series);
      else if (series.isBehind && series.unwrittenMs(nowMs) >= refreshMs)
        this.#poster.offer(series);
    }
  }

  /** Writes the last count. A series that there is no place for is looked after again. */
  #finish(series: EventSeries): void {
    if (series.isBehind && !this.#poster.offer(series)) return;
    this.#series.delete(series.key);
  }

  /** The next event of the kind begins anew. */
  #gaveUp(series: EventSeries): void {
    this.#lost += 1;
    if (!series.isCreated && this.#series.get(series.key) === series)
      this.#series.delete(series.key);
  }
}

/** Events of one group differ by their notes alone. The version of the object does not count. */
function groupOf({ subject, related, fields }: EventParts): string {
  const { type = 'Normal', reason, action } = fields;
  return JSON.stringify([idOf(subject), related && idOf(related), type, reason, action]);
}

/** As in client-go, warnings and normal events of an object are limited apart from each other. */
function spamKeyOf(subject: Partial<EventSubject> | undefined, type = 'Normal'): string {
  return JSON.stringify([subject && idOf(subject), type]);
}

function idOf({ apiVersion, kind, namespace, name, uid }: Partial<EventSubject>): unknown[] {
  return [apiVersion, kind, namespace, name, uid];
}
