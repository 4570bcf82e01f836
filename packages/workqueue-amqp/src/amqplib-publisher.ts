import type { ConfirmChannel } from 'amqplib';
import type { OutMessage, Publisher } from './transport.ts';

const kept = { persistent: true, mandatory: true } as const;
const fleeting = { persistent: false, mandatory: false } as const;

/** Publishes on one confirm channel. */
export class AmqplibPublisher implements Publisher {
  readonly #channel: ConfirmChannel;
  /** Bodies of messages that came back, by their ids: the confirm follows. */
  readonly #returned = new Set<string>();
  #isClosed = false;
  #sequence = 0;

  readonly #ended: Promise<void>;

  /** @param ended - resolves when the connection has ended */
  constructor(channel: ConfirmChannel, ended: Promise<void>, onClosed: (error: unknown) => void) {
    this.#channel = channel;
    this.#ended = ended;
    let failure: unknown;
    channel.on('error', (error) => void (failure = error));
    channel.on('close', () => {
      if (!this.#isClosed) onClosed(failure);
      this.#isClosed = true;
    });
    channel.on('return', (message) => this.#returned.add(String(message.properties.messageId)));
  }

  publish(message: OutMessage, onSettled: (error?: unknown) => void): void {
    if (message.isFleeting)
      this.#send(message, { ...fleeting, headers: message.headers }, onSettled);
    else {
      this.#sequence += 1;
      const messageId = String(this.#sequence);
      const settle = (error?: unknown): void =>
        onSettled(this.#returned.delete(messageId) ? unroutable(message) : error);
      this.#send(message, { ...kept, messageId, headers: message.headers }, settle);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    try {
      await Promise.race([this.#channel.close(), this.#ended]);
    } catch {
      // It is closed already.
    }
  }

  #send(message: OutMessage, options: object, onSettled: (error?: unknown) => void): void {
    const { exchange, routingKey, body } = message;
    try {
      this.#channel.publish(exchange, routingKey, Buffer.from(body, 'utf8'), options, (error) =>
        onSettled(error ?? undefined),
      );
    } catch (error) {
      // After the end of the channel, before the word of it.
      queueMicrotask(() => onSettled(error));
    }
  }
}

function unroutable({ exchange, routingKey }: OutMessage): Error {
  return new Error(
    `Cannot publish to exchange "${exchange}": no queue is bound to "${routingKey}"; was one deleted?`,
  );
}
