import type { GetResult } from './contract.ts';

/**
 * Takes items until the queue says that it is shut down. Nothing is taken ahead, so a loop that is left early loses nothing
 * and has nothing to give back: that is why this need not be a generator, which costs a quarter more for each item.
 */
export function itemsUntilShutdown<T>(queue: {
  get(): Promise<GetResult<T>>;
}): AsyncIterator<T, void, undefined> {
  const step = (result: GetResult<T>): IteratorResult<T, void> =>
    result.shutdown ? { done: true, value: undefined } : { done: false, value: result.item };
  return { next: () => queue.get().then(step) };
}
