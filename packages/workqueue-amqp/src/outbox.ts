import type { OutMessage, Publisher } from './transport.ts';

/** Options of {@link Outbox}. */
export interface OutboxOptions {
  /** How many publishes may be unconfirmed at a time. */
  readonly maxInFlight: number;
  /** Told when a publish was refused, given back or lost: the publisher is not used any more until the next `attach`. */
  readonly onRefused: (error: unknown) => void;
}

/** A publish that is not confirmed. */
interface Entry {
  readonly key: string | undefined;
  message: OutMessage;
  readonly confirmed: PromiseWithResolvers<void>;
  isSent: boolean;
  /** The same key was added after the message was sent: it is sent once more, because the first copy may have been worked on already. */
  again: Entry | undefined;
}

/**
 * What is to be published and is not confirmed.
 *
 * Additions of a key that is not sent yet are one publish with it; those of a key that is sent and not confirmed are one more
 * publish: so it never holds more than two of a key, and no addition is answered by a copy that was sent before it.
 */
export class Outbox {
  readonly #maxInFlight: number;
  readonly #onRefused: (error: unknown) => void;
  /** All that is not confirmed, oldest first, those in `again` excepted. */
  readonly #entries = new Set<Entry>();
  /** The entries of additions. */
  readonly #additions = new Map<string, Entry>();
  /** The entries that are not sent, oldest first, from `#nextUnsent` on. */
  #unsent: Entry[] = [];
  #nextUnsent = 0;
  #inFlight = 0;
  #confirmed = 0;
  #publisher: Publisher | undefined;
  #isPaused = false;
  #failure: { readonly error: unknown } | undefined;
  #flushed: PromiseWithResolvers<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#maxInFlight = options.maxInFlight;
    this.#onRefused = options.onRefused;
  }

  /** How many publishes wait to be sent or confirmed. */
  get size(): number {
    return this.#entries.size;
  }

  /** How many publishes have been confirmed. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** Publishes that `key` needs work. Resolves when that is confirmed. `message` makes the message of one publish for all additions. */
  add(key: string, message: OutMessage): Promise<void> {
    const known = this.#additions.get(key);
    if (known === undefined) return this.#put(key, message);
    if (!known.isSent) {
      known.message = urgentOf(known.message, message);
      return known.confirmed.promise;
    }
    if (known.again) known.again.message = urgentOf(known.again.message, message);
    else known.again = entryOf(key, message);
    return known.again.confirmed.promise;
  }

  /** Publishes `message`, whatever else is published. Resolves when that is confirmed. */
  send(message: OutMessage): Promise<void> {
    return this.#put(undefined, message);
  }

  /** Sends all that is not confirmed, by this publisher from now on. */
  attach(publisher: Publisher): void {
    this.#publisher = publisher;
    this.#inFlight = 0;
    this.#unsent = [...this.#entries];
    this.#nextUnsent = 0;
    for (const entry of this.#unsent) entry.isSent = false;
    this.#collapse();
    this.#pump();
  }

  /** Sends nothing until the next `attach`. */
  detach(): void {
    this.#publisher = undefined;
  }

  /** Holds back what is not sent while the broker takes nothing. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#pump();
  }

  /** Resolves when nothing waits to be confirmed. Rejects when the outbox is closed before. */
  flushed(): Promise<void> {
    if (this.#failure) return refused(this.#failure.error);
    if (this.#entries.size === 0) return Promise.resolve();
    this.#flushed ??= quiet(Promise.withResolvers<void>());
    return this.#flushed.promise;
  }

  /** Gives up: all that is not confirmed, and all that comes, is rejected with `error`. */
  close(error: unknown): void {
    this.#failure ??= { error };
    this.#publisher = undefined;
    for (const entry of this.#entries) {
      entry.confirmed.reject(error);
      entry.again?.confirmed.reject(error);
    }
    this.#entries.clear();
    this.#additions.clear();
    this.#unsent = [];
    this.#nextUnsent = 0;
    this.#flushed?.reject(error);
  }

  #put(key: string | undefined, message: OutMessage): Promise<void> {
    if (this.#failure) return refused(this.#failure.error);
    const entry = entryOf(key, message);
    this.#enter(entry);
    this.#pump();
    return entry.confirmed.promise;
  }

  #enter(entry: Entry): void {
    this.#entries.add(entry);
    if (entry.key !== undefined) this.#additions.set(entry.key, entry);
    this.#unsent.push(entry);
  }

  #pump(): void {
    const publisher = this.#publisher;
    if (publisher === undefined || this.#isPaused) return;
    while (this.#inFlight < this.#maxInFlight && publisher === this.#publisher) {
      const entry = this.#unsent[this.#nextUnsent];
      if (entry === undefined) break;
      this.#nextUnsent += 1;
      this.#inFlight += 1;
      entry.isSent = true;
      publisher.publish(entry.message, (error) => this.#settle(publisher, entry, error));
    }
    this.#trim();
  }

  #trim(): void {
    if (this.#nextUnsent === this.#unsent.length) this.#unsent = [];
    else if (this.#nextUnsent > 10_000) this.#unsent = this.#unsent.slice(this.#nextUnsent);
    else return;
    this.#nextUnsent = 0;
  }

  #settle(publisher: Publisher, entry: Entry, error: unknown): void {
    // Of a publisher that was given up: the entry is sent again by another.
    if (publisher !== this.#publisher) return;
    if (error !== undefined) {
      this.#publisher = undefined;
      this.#onRefused(error);
      return;
    }
    this.#inFlight -= 1;
    this.#confirmed += 1;
    this.#entries.delete(entry);
    if (entry.key !== undefined) this.#additions.delete(entry.key);
    if (entry.again) this.#enter(entry.again);
    entry.confirmed.resolve();
    if (this.#entries.size === 0) {
      this.#flushed?.resolve();
      this.#flushed = undefined;
    }
    this.#pump();
  }

  /** What was added after a message that will be sent again is answered by it. */
  #collapse(): void {
    for (const entry of this.#entries) {
      if (!entry.again) continue;
      entry.message = urgentOf(entry.message, entry.again.message);
      entry.confirmed.promise.then(entry.again.confirmed.resolve, entry.again.confirmed.reject);
      entry.again = undefined;
    }
  }
}

function entryOf(key: string | undefined, message: OutMessage): Entry {
  const confirmed = quiet(Promise.withResolvers<void>());
  return { key, message, confirmed, isSent: false, again: undefined };
}

function refused(reason: unknown): Promise<never> {
  const { promise, reject } = quiet(Promise.withResolvers<never>());
  reject(reason);
  return promise;
}

/** Nobody needs to await an addition: a rejection that nobody sees is no fault of the process. */
function quiet<T>(resolvers: PromiseWithResolvers<T>): PromiseWithResolvers<T> {
  resolvers.promise.catch(() => {});
  return resolvers;
}

/** The message with the higher priority. */
function urgentOf(first: OutMessage, second: OutMessage): OutMessage {
  const priorityOf = (message: OutMessage): number => Number(message.headers?.['pri'] ?? 0);
  return priorityOf(second) > priorityOf(first) ? second : first;
}
