// For everyone.
export { RedisQueue } from './redis-queue.ts';
export type { RedisWaitOptions } from './redis-queue.ts';
export type { RedisQueueOptions, RedisTlsOptions } from './options.ts';
export type {
  RedisConnectionState,
  RedisQueueDescription,
  RedisQueueInspection,
} from './description.ts';

// For those who build on top.
export type {
  RedisCounter,
  RedisGauge,
  RedisQueueInstruments,
  RedisQueueMetrics,
} from './metrics.ts';
