// For everyone.
export { AmqpQueue } from './amqp-queue.ts';
export type { AmqpWaitOptions } from './amqp-queue.ts';
export type { AmqpQueueOptions, AmqpTlsOptions } from './options.ts';
export type {
  AmqpConnectionState,
  AmqpQueueDescription,
  AmqpQueueInspection,
  PartitionDescription,
  PartitionState,
} from './description.ts';

// For those who build on top.
export { partitionOf } from './partition.ts';
export type {
  AmqpCounter,
  AmqpGauge,
  AmqpPartitionGauge,
  AmqpQueueInstruments,
  AmqpQueueMetrics,
} from './metrics.ts';
