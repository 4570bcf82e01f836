import type { ObjectLike } from '@kubeloop/cache-store';
import { systemClock, type Clock } from '@kubeloop/ratelimiter';
import {
  checkClock,
  checkFlags,
  checkFunctions,
  checkMethods,
  checkOptions,
  checkTexts,
  duration,
  shown,
} from './checks.ts';
import { kindText, type ExpectedKind } from './kind.ts';
import type { ListerWatcher } from './lister-watcher.ts';
import type { ReflectorMetrics } from './metrics.ts';
import { Reporter, type ReflectorErrorHandler } from './report.ts';
import { ResourceVersions } from './resource-versions.ts';
import { defaultBackoff, type DelaySource, reconnectBackoff } from './restart-policy.ts';
import type { Settings } from './session.ts';
import type { ReflectorStore } from './sink.ts';
import { StoreWriter, type Transform } from './store-writer.ts';
import type { WatchListMemory } from './watch-list-memory.ts';

/** How a {@link Reflector} is made. Durations are in milliseconds. */
export interface ReflectorOptions<T extends ObjectLike> {
  /** For messages. Default: the name of the lister-watcher's resource, else its kind, else `unnamed`. */
  readonly name?: string | undefined;
  /** Where to read from. */
  readonly listerWatcher: ListerWatcher<T>;
  /** Where to write. */
  readonly store: ReflectorStore<T>;
  /** How often `store.resync` is called while watching. Default 0: never. */
  readonly resyncPeriodMs?: number | undefined;
  /**
   * The longest time from one list to the next, whatever the watch says: a list that is due ends the watch, is made at once
   * and reaches the store as any relist does. For watches that open and bring nothing: such silence is indistinguishable
   * from a collection in which nothing changes, and is answered by further watches alone. Each period is lengthened at
   * random by up to a tenth, so that reflectors do not list together. Default 0: never.
   */
  readonly relistPeriodMs?: number | undefined;
  /** Asked each time a resync is due; `false` leaves it out. Default: always. */
  readonly shouldResync?: (() => boolean) | undefined;
  /**
   * The size of pages, for every list. Default: 500, but a list at a version comes in one piece, from the server's watch
   * cache, unless the server has paged a list at `"0"`.
   */
  readonly pageSize?: number | undefined;
  /** Whether to try streaming lists first. Default true, unless the lister-watcher says that it cannot. */
  readonly watchList?: boolean | undefined;
  /** What is known about streaming; pass one to all reflectors of a resource. Default: one of its own. */
  readonly watchListMemory?: WatchListMemory | undefined;
  /**
   * How long a streaming list may bring no new object before a paged one is made instead; all of it may take four times
   * as long. Default 30,000: servers stream tens of thousands of objects within seconds, and users should not wait
   * much longer for a first list. 0 means as long as a watch may last.
   */
  readonly watchListTimeoutMs?: number | undefined;
  /**
   * Whether to check each streaming list against a list of exactly the same version, and to go on in pages where they
   * differ. For tests of servers; default false.
   */
  readonly checkStreamedLists?: boolean | undefined;
  /** The server is asked to end each watch after one to two times this. Default, and least, 300,000 (5 min). */
  readonly minWatchTimeoutMs?: number | undefined;
  /**
   * How long a watch may bring nothing, not even a bookmark, before its connection is taken for dead. Default 150,000:
   * two bookmarks missed in a row, which an API server sends every 60 to 75 s. Where none are sent, a quiet watch is opened
   * again that often, from the same version. 0 leaves only the other guard: the server ends no watch within 5 s of its own timeout.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** Only objects whose labels match. */
  readonly labelSelector?: string | undefined;
  /** Only objects whose fields match. */
  readonly fieldSelector?: string | undefined;
  /** Changes each object before it is stored. If it throws, a list fails and is tried again; an event is skipped. */
  readonly transform?: Transform<T> | undefined;
  /** Events of another kind are skipped and reported. Default: what the lister-watcher says of its resource. */
  readonly expectedKind?: ExpectedKind | undefined;
  /** For how long internal errors of the server on a watch lead to another watch instead of a list. Default 0: never. */
  readonly maxInternalErrorRetryMs?: number | undefined;
  /** The delays between failures. Default: 800 ms to 30 s, doubled, jittered, from the start every two minutes. */
  readonly backoff?: DelaySource | undefined;
  /** Where time comes from. Default: the process. */
  readonly clock?: Clock | undefined;
  /** Answers numbers from 0 up to 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Is told of every failure and of what is done next. Default: a process warning for each. */
  readonly onError?: ReflectorErrorHandler | undefined;
  /** What is counted. Default: nothing. */
  readonly metrics?: ReflectorMetrics | undefined;
}

/** The least time after which the server is asked to end a watch. Source: client-go's `tools/cache/reflector.go`. */
const leastWatchTimeoutMs = 300_000;

/** Checks the options and fills in the defaults. */
export function settingsOf<T extends ObjectLike>(options: ReflectorOptions<T>): Settings<T> {
  checkParts(options);
  const { listerWatcher, store, clock = systemClock, random = Math.random } = options;
  const expectedKind = options.expectedKind ?? kindOf(listerWatcher);
  const kindName = expectedKind && kindText(expectedKind);
  const name = options.name ?? listerWatcher.resource?.name ?? kindName ?? 'unnamed';
  const reporter = new Reporter(name, options.onError);
  const versions = new ResourceVersions();
  const writer = new StoreWriter(store, {
    transform: options.transform,
    name,
    onSkip: (error, phase) => {
      const rest = { next: 'skip it and go on', retryInMs: 0, resourceVersion: versions.last };
      reporter.report(error, { phase, action: 'skip', ...rest });
    },
  });
  return {
    name,
    listerWatcher,
    selectors: selectorsOf(options),
    expectedKind,
    pageSize: pageSizeOf(options.pageSize),
    watchListTimeoutMs: duration('watchListTimeoutMs', options.watchListTimeoutMs ?? 30_000),
    checkStreamedLists: options.checkStreamedLists ?? false,
    minWatchTimeoutMs: Math.max(
      leastWatchTimeoutMs,
      duration('minWatchTimeoutMs', options.minWatchTimeoutMs ?? 0),
    ),
    idleTimeoutMs: duration('idleTimeoutMs', options.idleTimeoutMs ?? 150_000),
    maxInternalErrorRetryMs: duration(
      'maxInternalErrorRetryMs',
      options.maxInternalErrorRetryMs ?? 0,
    ),
    metrics: options.metrics ?? {},
    clock,
    random,
    backoff: options.backoff ?? defaultBackoff(clock, random),
    reconnectBackoff: reconnectBackoff(clock, random),
    versions,
    reporter,
    writer,
  };
}

function checkParts<T extends ObjectLike>(options: ReflectorOptions<T>): void {
  checkOptions('Cannot make a reflector', options);
  checkMethods('listerWatcher', options.listerWatcher, ['list', 'watch']);
  checkMethods('store', options.store, ['add', 'update', 'delete', 'replace', 'resync']);
  checkFunctions(options, ['shouldResync', 'transform', 'random', 'onError']);
  checkFlags(options, ['watchList', 'checkStreamedLists']);
  checkTexts(options, ['name', 'labelSelector', 'fieldSelector']);
  checkClock(options.clock);
  const { backoff, metrics, watchListMemory } = options;
  if (backoff !== undefined) checkMethods('backoff', backoff, ['next']);
  if (watchListMemory !== undefined) checkMethods('watchListMemory', watchListMemory, ['refuse']);
  if (metrics !== undefined) checkOptions('Cannot count with these metrics', metrics);
}

function pageSizeOf(size: number | undefined): number | undefined {
  if (size === undefined) return undefined;
  const rule = `Cannot use ${shown(size)} as pageSize: pass a whole number above zero`;
  if (typeof size !== 'number') throw new TypeError(rule);
  if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(rule);
  return size;
}

function kindOf(listerWatcher: ListerWatcher<unknown>): ExpectedKind | undefined {
  const { apiVersion, kind } = listerWatcher.resource ?? {};
  return apiVersion === undefined || kind === undefined ? undefined : { apiVersion, kind };
}

/** The selectors that select anything. */
export function selectorsOf(options: {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}): Settings<ObjectLike>['selectors'] {
  const { labelSelector = '', fieldSelector = '' } = options;
  return {
    ...(labelSelector === '' ? {} : { labelSelector }),
    ...(fieldSelector === '' ? {} : { fieldSelector }),
  };
}
