export { Reflector } from './reflector.ts';
export type { ReflectorActivity, ReflectorState } from './reflector.ts';
export type { ReflectorOptions } from './options.ts';
export type { ReflectorStore } from './sink.ts';
export type { Transform } from './store-writer.ts';
export { WatchListMemory } from './watch-list-memory.ts';
export type {
  ReflectorAction,
  ReflectorErrorContext,
  ReflectorErrorHandler,
  ReflectorPhase,
} from './report.ts';

export {
  StoreError,
  VeryShortWatchError,
  WatchListTimeoutError,
  WatchSilentError,
  WatchStatusError,
} from './errors.ts';
export type { ExpectedKind } from './kind.ts';
export type {
  BookmarkLike,
  ListerWatcher,
  ListPage,
  ListRequest,
  ReflectorEvent,
  StatusLike,
  WatchRequest,
} from './lister-watcher.ts';
export type { ListMeasurement, ListReason, ReflectorMetrics, WatchMeasurement } from './metrics.ts';
export { RetryWatcher } from './retry-watcher.ts';
export type { RetryWatcherOptions, WatchChange } from './retry-watcher.ts';
export { until, UntilTimeoutError } from './until.ts';
export type { UntilCondition, UntilOptions } from './until.ts';
export { hasCondition, isDeleted, type UntilEvent } from './until-conditions.ts';
export type { DelaySource } from './restart-policy.ts';
