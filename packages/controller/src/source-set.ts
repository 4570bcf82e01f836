import type { Clock } from '@kubeloop/ratelimiter';
import type { Enqueue } from './event-handler.ts';
import type { Logger } from './logger.ts';
import { describeError } from './logger.ts';
import type { OwnEvents } from './own-events/own-events.ts';
import { retryUntilAborted } from './retry.ts';
import { sleep } from './sleep.ts';
import type { Source, SourceContext, SourceDescription } from './source.ts';

/** What a {@link SourceSet} works with. */
export interface SourceSetOptions {
  readonly sources: readonly Source[];
  readonly enqueue: Enqueue;
  readonly onHandlerError: () => void;
  /** Whether requests are to carry their causes. */
  readonly wantsCauses: boolean;
  /** Tells own events. Default: all count. */
  readonly ownEvents?: OwnEvents | undefined;
  /** Zero means no report. */
  readonly cacheSyncTimeoutMs: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The sources of one controller, started together and waited for together. */
export class SourceSet {
  readonly #options: SourceSetOptions;
  readonly #sources: Source[];
  readonly #missing = new Set<Source>();
  readonly #starting = new Set<Promise<void>>();
  /** That of the start; `undefined` before. */
  #signal: AbortSignal | undefined;

  constructor(options: SourceSetOptions) {
    this.#options = options;
    this.#sources = [...options.sources];
  }

  /** How far each source is; one that throws when it is asked counts as missing, and hides no other. */
  describe(): readonly SourceDescription[] {
    return this.#sources.map(descriptionOf);
  }

  /** Adds a source; it starts at once when the others have. A start that still waits waits for this one too. */
  add(source: Source): void {
    this.#sources.push(source);
    if (this.#signal) this.#begin([source], this.#signal);
  }

  /**
   * Starts all sources at the same time. Resolves with `true` when all have synced, with `false` when the signal aborted
   * first. Names those that are missing, and why, each time `cacheSyncTimeoutMs` has gone by.
   */
  async start(signal: AbortSignal): Promise<boolean> {
    this.#signal = signal;
    this.#begin(this.#sources, signal);
    return this.synced();
  }

  /** Resolves with `true` when all that were started have synced, with `false` when the signal aborted first. */
  async synced(): Promise<boolean> {
    while (this.#starting.size > 0) await Promise.all(this.#starting);
    return this.#missing.size === 0 && this.#signal?.aborted === false;
  }

  /** Stops all sources at the same time; what one of them throws is reported. */
  async stop(): Promise<void> {
    const { logger } = this.#options;
    await Promise.all(
      this.#sources.map(async (source) => {
        try {
          await source.stop();
        } catch (error) {
          logger.error('A source did not stop well', { source: source.name, error });
        }
      }),
    );
  }

  #begin(sources: readonly Source[], signal: AbortSignal): void {
    const starting = this.#startAll(sources, signal);
    this.#starting.add(starting);
    void starting.finally(() => this.#starting.delete(starting));
  }

  /** Never rejects. */
  async #startAll(sources: readonly Source[], signal: AbortSignal): Promise<void> {
    const { logger, clock } = this.#options;
    const missing = new Set(sources);
    const reports = new AbortController();
    const reporting = this.#report(missing, reports.signal);
    for (const source of sources) this.#missing.add(source);
    await Promise.all(
      sources.map(async (source) => {
        const title = `start source "${source.name}"`;
        const context = this.#contextOf(source, signal);
        const start = async (): Promise<void> => {
          await source.start(context);
          missing.delete(source);
          this.#missing.delete(source);
        };
        await retryUntilAborted(start, { title, signal, logger, clock });
      }),
    );
    reports.abort();
    await reporting;
  }

  #contextOf(source: Source, signal: AbortSignal): SourceContext {
    const { enqueue, onHandlerError, wantsCauses, ownEvents, clock } = this.#options;
    const logger = this.#options.logger.child({ source: source.name });
    return {
      signal,
      logger,
      clock,
      wantsCauses,
      skipOwn: ownEvents && ((event, own) => ownEvents.filter(event, own)),
      enqueue: wantsCauses ? withCause(enqueue, source.name) : enqueue,
      onHandlerError: (error, action, object) => {
        onHandlerError();
        logger.error(`A predicate or event handler threw while ${action}`, {
          ...(object !== undefined && { object }),
          error,
        });
      },
    };
  }

  async #report(missing: ReadonlySet<Source>, signal: AbortSignal): Promise<void> {
    const { cacheSyncTimeoutMs, logger, clock } = this.#options;
    if (cacheSyncTimeoutMs === 0) return;
    for (let waitedMs = cacheSyncTimeoutMs; ; waitedMs += cacheSyncTimeoutMs) {
      await sleep(cacheSyncTimeoutMs, clock, signal).catch(() => undefined); // only an abort ends it early
      if (signal.aborted) return;
      logger.error('The controller still waits for its sources and does not work yet', {
        waitedMs,
        missing: Array.from(missing, whyMissing),
      });
    }
  }
}

/** A request that carries no cause gets one of its own. */
function withCause(enqueue: Enqueue, source: string): Enqueue {
  return (request, options) =>
    enqueue(request, options?.cause ? options : { ...options, cause: { type: 'generic', source } });
}

function whyMissing(source: Source): string {
  return `${source.name}: ${reasonOf(source)}`;
}

function reasonOf(source: Source): string {
  const { lastError } = descriptionOf(source);
  return lastError === undefined ? 'no answer yet' : describeError(lastError);
}

function descriptionOf(source: Source): SourceDescription {
  try {
    return source.describe();
  } catch (error) {
    const lastError = new Error(`it cannot say why: ${describeError(error)}`, { cause: error });
    return { name: source.name, isSynced: false, lastError };
  }
}
