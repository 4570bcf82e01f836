// For everyone.
export { WorkQueue } from './queue.ts';
export type { WorkQueueOptions } from './queue.ts';
export { DelayingQueue } from './delaying.ts';
export type { DelayingQueueOptions } from './delaying.ts';
export { RateLimitingQueue } from './rate-limiting.ts';
export type { RateLimitingQueueOptions } from './rate-limiting.ts';
export { PriorityQueue } from './priority.ts';
export type { PriorityQueueOptions } from './priority.ts';
export { runWorkers } from './workers.ts';
export type { RunWorkersOptions, Work, WorkContext, WorkerQueue } from './workers.ts';
export { parallelizeUntil } from './parallelize.ts';
export type { ParallelizeOptions } from './parallelize.ts';

// For those who build on top.
export type {
  AddOptions,
  DescribeOptions,
  DrainOptions,
  GetOptions,
  GetResult,
  PrioritizedGetResult,
  PriorityQueueDescription,
  Queue,
  QueueDescription,
} from './contract.ts';
export type { QueueMetrics, QueueMetricsProvider } from './metrics.ts';
export type { Storage } from './storage.ts';
