import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { GetResult } from '@kubeloop/workqueue';

/** Takes an item, which must be there or come. */
export async function take<T>(queue: { get(): Promise<GetResult<T>> }): Promise<T> {
  const result = await queue.get();
  if (result.shutdown) throw new Error('The queue is shut down, an item was expected');
  return result.item;
}

/** Says whether a promise has settled, after all that can happen without time passing. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => void (settled = true);
  promise.then(note, note);
  await new FakeClock().settle();
  return settled;
}
