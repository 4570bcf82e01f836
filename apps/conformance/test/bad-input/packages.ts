// Packages that this folder's package.json does not name; by their sources, which are the same modules.
export {
  ChannelSource,
  consoleLogger,
  Manager,
  objectPredicate,
  labelSelectorPredicate,
  requestFor,
  TerminalError,
} from '../../../../packages/controller/src/index.ts';
export type {
  Controller,
  Logger,
  LogFields,
  LogMethod,
  ManagerOptions,
  Reconciler,
  Request,
} from '../../../../packages/controller/src/index.ts';
export {
  Backoff,
  BucketRateLimiter,
  ItemBackoff,
  ItemExponentialFailureRateLimiter,
  ItemFastSlowRateLimiter,
  MaxOfRateLimiter,
  TokenBucket,
  WithMaxWaitRateLimiter,
} from '../../../../packages/ratelimiter/src/index.ts';
export { FakeClock } from '../../../../packages/ratelimiter/testing/index.ts';
export {
  DelayingQueue,
  parallelizeUntil,
  PriorityQueue,
  RateLimitingQueue,
  runWorkers,
  WorkQueue,
} from '../../../../packages/workqueue/src/index.ts';
