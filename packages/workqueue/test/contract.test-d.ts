import { expectTypeOf, test } from 'vitest';
import {
  type DelayingQueue,
  PriorityQueue,
  type Queue,
  type RateLimitingQueue,
  runWorkers,
  WorkQueue,
} from '@kubeloop/workqueue';

test('the rate-limiting and the priority queue fit what controllers need', () => {
  expectTypeOf<RateLimitingQueue<string>>().toExtend<Queue<string>>();
  expectTypeOf<PriorityQueue<string>>().toExtend<Queue<string>>();
});

test('a queue without rate limits does not fit it', () => {
  expectTypeOf<DelayingQueue<string>>().not.toExtend<Queue<string>>();
});

test('what get gives is known by shutdown', async () => {
  const result = await new WorkQueue<string>().get();
  if (result.shutdown) expectTypeOf(result.item).toEqualTypeOf<undefined>();
  else expectTypeOf(result.item).toEqualTypeOf<string>();
});

test('the work of any queue gets items of its type', async () => {
  const onError = (): void => {};
  await runWorkers(
    new WorkQueue<string>(),
    { onError },
    (item) => void expectTypeOf(item).toEqualTypeOf<string>(),
  );
  await runWorkers(
    new PriorityQueue<number>(),
    {},
    (item) => void expectTypeOf(item).toEqualTypeOf<number>(),
  );
});

test('options that a queue does not have are refused', () => {
  // @ts-expect-error a plain queue has no delays
  new WorkQueue<string>().add('a', { afterMs: 5 });
  // @ts-expect-error a priority queue has an order of its own
  expectTypeOf(new PriorityQueue<string>({ storage: undefined })).toBeObject();
});
