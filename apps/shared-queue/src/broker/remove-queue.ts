import { connect } from 'amqplib';

/** Which shared queue is removed; as it was opened. */
export interface RemoveQueueOptions {
  /** One broker address. */
  readonly url: string;
  /** What the queue is called. */
  readonly name: string;
  readonly partitions: number;
  readonly delayLevelsMs: readonly number[];
}

/**
 * Deletes everything that a shared queue has at a broker, with all that is in it, for those who made one for a moment only. Does nothing
 * where there is none.
 */
export async function removeQueue(options: RemoveQueueOptions): Promise<void> {
  const { url, name, partitions, delayLevelsMs } = options;
  const work = `wq.${name}.v1.n${partitions}`;
  const indices = Array.from({ length: partitions }, (_, index) => `${work}.p${index}`);
  const delays = delayLevelsMs.map((levelMs) => `${work}.delay.${levelMs}`);
  const connection = await connect(url);
  try {
    const channel = await connection.createChannel();
    for (const queue of [...indices, ...delays, `${work}.park`, `wq.${name}.v1.layout`])
      await channel.deleteQueue(queue);
    for (const exchange of [...delays, `${work}.members`, `${work}.park`, work])
      await channel.deleteExchange(exchange);
  } finally {
    await connection.close();
  }
}
