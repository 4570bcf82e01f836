import type { KubeloopMetrics } from '../../src/index.ts';

/** Tells of all that can happen in a queue on RabbitMQ and in one on Redis, without any of them: each time it happens once. */
export function tellSharedQueues(metrics: KubeloopMetrics): void {
  const amqp = metrics.amqp('busy');
  const redis = metrics.redis('busy');
  for (const queue of [amqp, redis]) {
    queue.outbox.set(2);
    queue.staleRuns.inc();
    queue.disconnects.inc();
    queue.parked.inc();
  }
  for (const partition of [0, 1, 2, 3]) {
    amqp.owned.set(partition, partition === 3 ? 1 : 0);
    amqp.windowFill.set(partition, 5);
  }
  amqp.leaseLeft.set(18.5);
  amqp.redeliveries.inc();
  amqp.duplicates.inc();
  amqp.renewals.inc();
  amqp.nacks.inc();
  amqp.reopens.inc();
  amqp.yields.inc();
  redis.queued.set(7);
  redis.expiries.inc();
  redis.resends.inc();
}
