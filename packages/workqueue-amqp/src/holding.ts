import { Backoff, type Timer } from '@kubeloop/ratelimiter';
import { pullBacklog } from './backlog.ts';
import type { PartitionState } from './description.ts';
import type { Settings } from './settings.ts';
import { Takeover } from './takeover.ts';
import { TokenTable } from './tokens.ts';
import type { Connection, Delivery, Subscription } from './transport.ts';

/** What a holding tells. */
export interface HoldingEvents {
  /** A message has arrived. */
  readonly onDelivery: (holding: Holding, table: TokenTable, delivery: Delivery) => void;
  /** The subscription has ended, and its table with it: given up, or lost, by an error or, without one, with the connection. */
  readonly onEnded: (holding: Holding, table: TokenTable, error: unknown) => void;
  /** What was at the broker when the first message arrived has arrived: keys may be started. */
  readonly onFilled: (holding: Holding, table: TokenTable) => void;
  /** It is about to be given up, and nothing of it is under way. */
  readonly onReleased: (holding: Holding) => void;
  /** The state has changed: it may be time to subscribe again, or to say so. */
  readonly onChanged: () => void;
}

/** How long to wait before a subscription that failed or was lost is tried again. */
const backoff = { initialMs: 50, maxMs: 5000, jitter: 0.5, resetAfterMs: 30_000 } as const;

/** What this process has to do with one partition. */
export class Holding {
  readonly index: number;
  readonly #queue: string;
  readonly #settings: Settings;
  readonly #events: HoldingEvents;
  readonly #backoff: Backoff;
  /** Whether another process may be at the keys that came. */
  readonly takeover: Takeover;
  #state: PartitionState = 'none';
  #table: TokenTable | undefined;
  #subscription: Subscription | undefined;
  /** Messages whose acknowledgement waits for a publish. */
  #settling = 0;
  /** After a failure, until it is tried again. */
  #pause: Timer | undefined;
  #isFilling = false;
  #isFilled = false;
  #wasLost = false;
  #none: PromiseWithResolvers<void> | undefined;

  constructor(index: number, settings: Settings, events: HoldingEvents) {
    this.index = index;
    this.#queue = settings.names.partition(index);
    this.#settings = settings;
    this.#events = events;
    const { clock, random, takeoverGraceMs } = settings;
    this.takeover = new Takeover(clock, takeoverGraceMs);
    this.#backoff = new Backoff({ ...backoff, clock, random });
  }

  get state(): PartitionState {
    return this.#state;
  }

  /** What is held; `undefined` without a subscription. */
  get table(): TokenTable | undefined {
    return this.#table;
  }

  /** Whether keys may be started. */
  get canStart(): boolean {
    return this.isOpen && !this.#isFilling;
  }

  /** Whether keys wait for the rest of the backlog, because there may be duplicates of them in it. */
  get isFilling(): boolean {
    return this.#isFilling;
  }

  /** Whether it is subscribed to, or going to be, and not given up. */
  get isOpen(): boolean {
    return this.#state === 'owned' || this.#state === 'standby' || this.#state === 'subscribing';
  }

  /** The former owner says that nothing of the partition is under way there. Believed of a moment, not of what happened since. */
  handOver(): void {
    const table = this.#table;
    if (!this.takeover.handOver() || !table) return;
    table.forgive();
    if (!this.#isFilling) this.#events.onFilled(this, table);
  }

  /** Whether the last subscription was not given up, but lost. */
  get wasLost(): boolean {
    return this.#wasLost;
  }

  /** Whether it can be subscribed to now. */
  get isIdle(): boolean {
    return this.#state === 'none' && this.#pause === undefined;
  }

  /** Notes whether this process is to own the partition, or does since a message arrived. */
  own(isOwner: boolean): void {
    if (this.#state === 'standby' || this.#state === 'owned')
      this.#state = isOwner ? 'owned' : 'standby';
  }

  /** Subscribes. Never rejects: a failure is told by `onEnded`. */
  async subscribe(connection: Connection): Promise<void> {
    if (this.#state !== 'none') return;
    const acks: number[] = [];
    let subscription: Subscription | undefined;
    const table = new TokenTable((tag) => {
      // Messages may arrive with the answer itself.
      if (subscription) subscription.ack(tag);
      else acks.push(tag);
    });
    this.#table = table;
    this.#settling = 0;
    this.#state = 'subscribing';
    try {
      subscription = await connection.subscribe({
        queue: this.#queue,
        prefetch: this.#settings.window,
        onDelivery: (delivery) => {
          if (this.#table !== table) return;
          this.takeover.arrived();
          if (!this.#isFilled) this.#beginToFill(connection, table);
          this.#events.onDelivery(this, table, delivery);
        },
        onClosed: (error) => this.#lose(table, error),
      });
    } catch (error) {
      this.#lose(table, error);
      return;
    }
    if (this.#table !== table) {
      await subscription.close();
      return;
    }
    this.#subscription = subscription;
    for (const tag of acks) subscription.ack(tag);
    if (this.#isSubscribing()) this.#state = 'standby';
    this.#events.onChanged();
    this.check();
  }

  /** Starts no more keys, and ends the subscription once none is under way. What was not started goes back to the broker. */
  release(): void {
    if (!this.isOpen) return;
    this.#state = 'yielding';
    this.check();
  }

  /** Acknowledges a message, after a publish if there is one to wait for. */
  settle(table: TokenTable, tag: number, published: Promise<unknown> | undefined): void {
    if (published === undefined) table.settle(tag);
    else void this.#settleAfter(table, tag, published);
  }

  /** Ends a subscription that is to end, if nothing is under way. */
  check(): void {
    const table = this.#table;
    if (this.#state !== 'yielding' || !table || table.running > 0 || this.#settling > 0) return;
    const subscription = this.#subscription;
    // Still on its way.
    if (!subscription) return;
    // Never by cancelling: the next consumer would be fed while messages are still held here.
    this.#events.onReleased(this);
    void this.#close(table, subscription);
  }

  /** The connection is lost. */
  drop(): void {
    if (this.#table) this.#lose(this.#table, undefined);
  }

  /** Resolves when there is no subscription. */
  whenNone(): Promise<void> {
    if (this.#state === 'none') return Promise.resolve();
    this.#none ??= Promise.withResolvers<void>();
    return this.#none.promise;
  }

  /** Ends the subscription, whatever is under way. Never rejects. */
  async abandon(): Promise<void> {
    const subscription = this.#subscription;
    this.drop();
    await subscription?.close();
  }

  /** Takes back what is to come. */
  stop(): void {
    this.#pause?.cancel();
    this.#pause = undefined;
  }

  #isSubscribing(): boolean {
    return this.#state === 'subscribing';
  }

  async #close(table: TokenTable, subscription: Subscription): Promise<void> {
    this.#subscription = undefined;
    await subscription.close();
    if (this.#table !== table) return;
    this.#end();
    this.#events.onEnded(this, table, undefined);
    this.#events.onChanged();
  }

  async #settleAfter(table: TokenTable, tag: number, published: Promise<unknown>): Promise<void> {
    this.#settling += 1;
    try {
      await published;
      table.settle(tag);
    } catch {
      // The message is not acknowledged, and comes back to somebody.
    }
    if (this.#table !== table) return;
    this.#settling -= 1;
    this.check();
  }

  #beginToFill(connection: Connection, table: TokenTable): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    void this.#fill(connection, table);
  }

  async #fill(connection: Connection, table: TokenTable): Promise<void> {
    try {
      await pullBacklog(this.#queue, { connection, table, settings: this.#settings });
    } catch {
      // The connection is lost, which another hears.
    }
    if (this.#table !== table) return;
    this.#isFilling = false;
    this.#isFilled = true;
    this.#events.onFilled(this, table);
  }

  #end(): void {
    this.#table = undefined;
    this.#isFilling = false;
    this.#isFilled = false;
    this.takeover.end();
    this.#subscription = undefined;
    this.#state = 'none';
    this.#none?.resolve();
    this.#none = undefined;
  }

  #lose(table: TokenTable, error: unknown): void {
    if (this.#table !== table) return;
    const isReleased = this.#state === 'yielding';
    this.#end();
    this.#wasLost = !isReleased;
    if (!isReleased) {
      this.#pause ??= this.#settings.clock.setTimeout(() => {
        this.#pause = undefined;
        this.#events.onChanged();
      }, this.#backoff.next());
    }
    this.#events.onEnded(this, table, error);
    this.#events.onChanged();
  }
}
