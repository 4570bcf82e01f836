import { Report as QueueReport } from '@kubeloop/workqueue/engine';
import type { RedisQueueInstruments } from './metrics.ts';

/** Tells the process what happens in a queue on Redis. */
export class Report extends QueueReport<RedisQueueInstruments> {}
