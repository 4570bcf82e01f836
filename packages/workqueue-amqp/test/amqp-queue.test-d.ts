import type { Queue, WorkerQueue } from '@kubeloop/workqueue';
import type { TestedQueue } from '@kubeloop/workqueue-conformance';
import { expectTypeOf, test } from 'vitest';
import type { AmqpQueue } from '../src/index.ts';

test('a shared queue is a queue, for workers, controllers and the contract', () => {
  expectTypeOf<AmqpQueue>().toExtend<Queue<string>>();
  expectTypeOf<AmqpQueue>().toExtend<WorkerQueue<string>>();
  expectTypeOf<AmqpQueue>().toExtend<TestedQueue>();
});

test('additions are awaited by those who want them confirmed', () => {
  expectTypeOf<AmqpQueue['add']>().returns.toEqualTypeOf<Promise<void>>();
});
