import type { ObjectLike } from '@kubeloop/cache-store';
import type { Clock } from '@kubeloop/ratelimiter';
import { sleep, stopRequested, untilAborted } from './abort.ts';
import { handleRejection } from './answers.ts';
import type { ExpectedKind } from './kind.ts';
import type { ListerWatcher, ListPage, ListRequest, WatchRequest } from './lister-watcher.ts';
import type { ReflectorMetrics } from './metrics.ts';
import type { ReflectorAction, ReflectorPhase, Reporter } from './report.ts';
import type { ResourceVersions } from './resource-versions.ts';
import { delayAfter, type DelaySource } from './restart-policy.ts';
import type { StoreWriter } from './store-writer.ts';
import { WatchStream } from './watch-stream.ts';

/** A watch shorter than this that brings nothing is an error. Source: client-go's `tools/cache/reflector.go`. */
export const shortWatchMs = 1000;

/** The options that do not change while a reflector lives, with their defaults filled in. */
export interface Settings<T extends ObjectLike> {
  readonly name: string;
  readonly listerWatcher: ListerWatcher<T>;
  readonly selectors: { readonly labelSelector?: string; readonly fieldSelector?: string };
  readonly expectedKind: ExpectedKind | undefined;
  readonly pageSize: number | undefined;
  readonly watchListTimeoutMs: number;
  readonly checkStreamedLists: boolean;
  readonly minWatchTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxInternalErrorRetryMs: number;
  readonly metrics: ReflectorMetrics;
  readonly clock: Clock;
  readonly random: () => number;
  readonly backoff: DelaySource;
  readonly reconnectBackoff: DelaySource;
  readonly versions: ResourceVersions;
  readonly reporter: Reporter;
  readonly writer: StoreWriter<T>;
}

/** What one cycle of list and watch works with: the settings and the signal that ends it. */
export class Session<T extends ObjectLike> {
  readonly settings: Settings<T>;
  readonly signal: AbortSignal;

  constructor(settings: Settings<T>, signal: AbortSignal) {
    this.settings = settings;
    this.signal = signal;
  }

  /** Reads one page of a list, for as long as the session is not told to stop. */
  async list(request: ListRequest): Promise<ListPage<T>> {
    const { clock, listerWatcher } = this.settings;
    const { signal } = this;
    if (signal.aborted) throw stopRequested;
    const answer = (async () => listerWatcher.list({ ...request, signal }))();
    return untilAborted(answer, signal, { clock, onAbandoned: () => this.abandoned('list') });
  }

  /** Makes a stream with a timeout between one and two times the least one, so that many watches do not end together. */
  openStream(request: WatchRequest): WatchStream<T> {
    const { settings } = this;
    const spread = 1 + settings.random();
    this.measure((metrics) => metrics.watchOpened?.());
    return new WatchStream<T>({
      name: settings.name,
      listerWatcher: settings.listerWatcher,
      request: {
        ...settings.selectors,
        ...request,
        allowWatchBookmarks: true,
        maxRetries: 0,
        timeoutSeconds: Math.floor((settings.minWatchTimeoutMs / 1000) * spread),
      },
      idleTimeoutMs: settings.idleTimeoutMs,
      clock: settings.clock,
      signal: this.signal,
      onAbandoned: () => this.abandoned('watch'),
      onClosed: ({ events, durationMs, idleMs }) => {
        const isShort = durationMs < shortWatchMs && events === 0;
        this.measure((metrics) => metrics.watchEnded?.({ events, durationMs, idleMs, isShort }));
      },
    });
  }

  /** Tells the user of a failure and of what is done about it. */
  report(
    error: unknown,
    phase: ReflectorPhase,
    action: ReflectorAction,
    options: { readonly retryInMs?: number; readonly resourceVersion?: string } = {},
  ): void {
    const { retryInMs = 0, resourceVersion = this.#startOf(action) } = options;
    const isFallback = phase === 'watch-list' && action === 'list';
    const verb = isFallback ? 'list in pages' : 'retry';
    const next = waitingSteps[action] ?? whenAndWhence(verb, retryInMs, resourceVersion);
    this.settings.reporter.report(error, { phase, action, next, retryInMs, resourceVersion });
  }

  /** The version from which `action` will read. */
  #startOf(action: ReflectorAction): string {
    const { versions } = this.settings;
    if (action === 'list') return versions.forList;
    return action === 'watch-list' ? versions.forStream : versions.last;
  }

  /** Reports, then waits for the backoff or for as long as the server asks, whichever is longer. */
  async backOff(error: unknown, phase: ReflectorPhase, action: ReflectorAction): Promise<void> {
    await this.#wait(error, { phase, action, delays: this.settings.backoff });
  }

  /** The same, but soon: for what broke before anything could be said against it. */
  async reconnect(error: unknown, phase: 'watch' | 'watch-list'): Promise<void> {
    await this.#wait(error, { phase, action: phase, delays: this.settings.reconnectBackoff });
  }

  async #wait(
    error: unknown,
    step: { phase: ReflectorPhase; action: ReflectorAction; delays: DelaySource },
  ): Promise<void> {
    const retryInMs = delayAfter(error, step.delays);
    this.report(error, step.phase, step.action, { retryInMs });
    await sleep(this.settings.clock, retryInMs, this.signal);
  }

  /** Reports that a request goes on although it was aborted. */
  abandoned(what: 'list' | 'watch'): void {
    const text = `Cannot end a ${what} of "${this.settings.name}": it ignores its abort signal`;
    this.report(new Error(text), 'stop', 'stop');
  }

  /** Calls the metrics. Those that throw or reject are reported. */
  measure(call: (metrics: ReflectorMetrics) => void): void {
    const failed = (error: unknown): void => this.report(error, 'metrics', 'skip');
    try {
      handleRejection(call(this.settings.metrics), failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** What is done next where nothing is asked of the server, for people. */
const waitingSteps: Partial<Record<ReflectorAction, string>> = {
  skip: 'skip it and go on',
  wait: 'wait on',
  stop: 'leave it alone',
};

/** What is asked of the server next, for people. */
function whenAndWhence(verb: string, retryInMs: number, resourceVersion: string): string {
  const when = retryInMs > 0 ? `in ${Math.round(retryInMs)} ms` : 'now';
  if (resourceVersion === '') return `${verb} ${when} from the newest version`;
  if (resourceVersion === '0') return `${verb} ${when} from any version`;
  return `${verb} ${when} from resourceVersion ${resourceVersion}`;
}
