import { expect, test } from 'vitest';
import { WorkQueue } from '@kubeloop/workqueue';

test('the stingy property: one request, however often it is added, is never processed twice at a time', async () => {
  const request = 'default/my-object';

  // Add a request.
  const queue = new WorkQueue<string>();
  queue.add(request);
  expect(queue.length).toBe(1);

  // Adding the identical request again still results in a single queued one.
  queue.add(request);
  expect(queue.length).toBe(1);

  // Getting it removes it from the queue: it is being processed now.
  const first = await queue.get();
  expect(first).toEqual({ item: request, shutdown: false });
  expect(queue.length).toBe(0);

  // Adding it before it is done is no reason to process it at the same time.
  queue.add(request);
  expect(queue.length).toBe(0);

  // Once the first is done, the second is available.
  queue.done(request);
  expect(queue.length).toBe(1);

  // And since it is available, it is returned.
  const second = await queue.get();
  expect(second).toEqual({ item: request, shutdown: false });
  expect(queue.length).toBe(0);

  // After that there is nothing left to do.
  queue.done(request);
  expect(queue.length).toBe(0);
});
