import { Report as QueueReport } from '@kubeloop/workqueue/engine';
import type { AmqpQueueInstruments } from './metrics.ts';

/** Tells the process what happens in a queue on RabbitMQ. */
export class Report extends QueueReport<AmqpQueueInstruments> {}
