import type { AmqpQueueInspection } from './description.ts';
import type { Announcement } from './membership.ts';
import type { Settings } from './settings.ts';
import type { Connection, Control } from './transport.ts';

/** How old an answer may be before another is asked for, when nothing was done here. */
const staleMs = 250;

/** How many messages there are at the broker. */
export class BrokerCounts {
  readonly #settings: Settings;
  readonly #connection: () => Connection | undefined;
  #messages = 0;
  #askedMs = -Infinity;
  #isAsking = false;
  #isDisturbed = true;

  constructor(settings: Settings, connection: () => Connection | undefined) {
    this.#settings = settings;
    this.#connection = connection;
  }

  /** How many messages wait at the broker, by its last answer. Asks again. */
  get messages(): number {
    const isStale = this.#settings.clock.now() - this.#askedMs >= staleMs;
    if ((isStale || this.#isDisturbed) && !this.#isAsking) void this.#refresh();
    return this.#messages;
  }

  /** The last answer does not hold any more. */
  disturb(): void {
    this.#isDisturbed = true;
  }

  /** How many processes are subscribed to a partition. */
  consumersOf(partition: number): Promise<number> {
    return this.#ask(async (control) => {
      const { consumers } = await control.countsOf(this.#settings.names.partition(partition));
      return consumers;
    });
  }

  /** All that the broker counts. */
  inspect(announced: readonly Announcement[]): Promise<AmqpQueueInspection> {
    const { names, partitions, delayLevelsMs } = this.#settings;
    return this.#ask(async (control) => {
      const found: AmqpQueueInspection['partitions'][number][] = [];
      for (let index = 0; index < partitions; index += 1) {
        const counts = await control.countsOf(names.partition(index));
        const owner = announced.find(({ owned }) => owned.includes(index))?.id;
        found.push({ index, ...counts, owner });
      }
      const delayed: AmqpQueueInspection['delayed'][number][] = [];
      for (const levelMs of delayLevelsMs) {
        const { messages } = await control.countsOf(names.delay(levelMs));
        delayed.push({ levelMs, messages });
      }
      const { messages: parked } = await control.countsOf(names.park);
      return { partitions: found, delayed, parked };
    });
  }

  async #refresh(): Promise<void> {
    this.#isAsking = true;
    this.#isDisturbed = false;
    try {
      await this.#ask(async (control) => {
        let messages = 0;
        for (let index = 0; index < this.#settings.partitions; index += 1)
          messages += (await control.countsOf(this.#settings.names.partition(index))).messages;
        this.#messages = messages;
      });
    } catch {
      // The last answer stands.
    }
    this.#askedMs = this.#settings.clock.now();
    this.#isAsking = false;
  }

  async #ask<R>(question: (control: Control) => Promise<R>): Promise<R> {
    const connection = this.#connection();
    if (!connection)
      throw new Error(
        `Cannot ask the broker of queue "${this.#settings.name}": there is no connection at the moment`,
      );
    const control = await connection.openControl();
    try {
      return await question(control);
    } finally {
      await control.close();
    }
  }
}
