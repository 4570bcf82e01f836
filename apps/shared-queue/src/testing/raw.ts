import { connect, type ChannelModel } from 'amqplib';

/** Arguments of a quorum queue with one active consumer, further ones beside. */
export function quorum(further: Record<string, unknown> = {}): {
  readonly durable: true;
  readonly arguments: Record<string, unknown>;
} {
  return { durable: true, arguments: { 'x-queue-type': 'quorum', ...further } };
}

/** A connection without any of our own code, for controls and for looking at what the broker holds. Closed by `await using`. */
export class RawConnection implements AsyncDisposable {
  readonly model: ChannelModel;
  #isClosed = false;

  /** Connects. */
  static async open(url: string): Promise<RawConnection> {
    return new RawConnection(await connect(url));
  }

  private constructor(model: ChannelModel) {
    this.model = model;
    model.on('error', () => undefined); // The close that follows says all that matters here.
    model.on('close', () => {
      this.#isClosed = true;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) await this.model.close().catch(() => undefined);
  }
}

/** Takes everything out of a queue; `basic.get` would be refused where there is a single active consumer. */
export async function takeAll(url: string, queue: string): Promise<string[]> {
  await using connection = await RawConnection.open(url);
  const channel = await connection.model.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  const taken: string[] = [];
  if (messageCount === 0) return taken;
  const { promise: isEmpty, resolve } = Promise.withResolvers<void>();
  const take = (content: Buffer | undefined): void => {
    if (content !== undefined) taken.push(content.toString());
    if (taken.length >= messageCount) resolve();
  };
  await channel.consume(queue, (message) => take(message?.content), { noAck: true });
  await isEmpty;
  return taken;
}
