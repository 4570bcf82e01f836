import { DelayingQueue, PriorityQueue, RateLimitingQueue, WorkQueue } from '@kubeloop/workqueue';
import { describeQueueContract } from './queue-contract.ts';

describeQueueContract('WorkQueue', {
  make: (options) => new WorkQueue(options),
  countsItemsInWork: false,
});
describeQueueContract('DelayingQueue', {
  make: (options) => new DelayingQueue(options),
  countsItemsInWork: false,
});
describeQueueContract('RateLimitingQueue', {
  make: (options) => new RateLimitingQueue(options),
  countsItemsInWork: false,
});
describeQueueContract('PriorityQueue', {
  make: (options) => new PriorityQueue(options),
  countsItemsInWork: true,
});
