import type { GetResult } from './contract.ts';

/** Takes items until the queue says that it is shut down. Nothing is taken ahead, so a loop that is left early loses nothing. */
export async function* itemsUntilShutdown<T>(queue: {
  get(): Promise<GetResult<T>>;
}): AsyncGenerator<T, void, undefined> {
  for (let result = await queue.get(); !result.shutdown; result = await queue.get())
    yield result.item;
}
