import { randomUUID } from 'node:crypto';
import type { Messages } from './message.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import { type Slot, tagOf, type Token, type TokenTable, urgencyOf } from './tokens.ts';
import type { OutMessage } from './transport.ts';

/** Options of {@link Renewals}. */
export interface RenewalsOptions {
  readonly settings: Settings;
  readonly epochNow: () => number;
  readonly report: Report;
  readonly messages: Messages;
  /** Publishes, and resolves when that is confirmed. */
  readonly send: (message: OutMessage) => Promise<void>;
}

/**
 * Publishes messages anew that are held for long.
 *
 * A broker closes the channel of a consumer that holds a message for longer than its `consumer_timeout`, and delivers all of them
 * again: a backlog of some hours would come back for ever. So at half of that time a copy is published, and the old message is
 * acknowledged once the broker has the copy for good.
 */
export class Renewals {
  readonly #options: RenewalsOptions;
  readonly #prefix: string = randomUUID().slice(0, 8);
  /** The messages whose copies are on their way, by table. */
  readonly #underWay = new WeakMap<TokenTable, Set<number>>();
  #count = 0;

  constructor(options: RenewalsOptions) {
    this.#options = options;
  }

  /** Renews what is too old. */
  renew(table: TokenTable): void {
    const { clock, ackTimeoutMs } = this.#options.settings;
    const beforeMs = clock.now() - ackTimeoutMs / 2;
    for (const token of table.values()) {
      if (token.heldTag !== 0 && token.heldAtMs < beforeMs) this.#send(table, token, 'held');
      if (token.nextTag !== 0 && token.nextAtMs < beforeMs) this.#send(table, token, 'next');
      if (token.delayedTag !== 0 && token.delayedAtMs < beforeMs)
        this.#send(table, token, 'delayed');
    }
  }

  #send(table: TokenTable, token: Token, slot: Slot): void {
    const tag = tagOf(token, slot);
    const underWay = this.#underWay.get(table) ?? new Set();
    this.#underWay.set(table, underWay);
    if (underWay.has(tag)) return;
    underWay.add(tag);
    this.#options.report.count('renewals');
    void this.#finish(table, token, slot, underWay);
  }

  async #finish(table: TokenTable, token: Token, slot: Slot, underWay: Set<number>): Promise<void> {
    const { settings, epochNow, messages, send } = this.#options;
    const tag = tagOf(token, slot);
    const { attempts, counter } = token;
    const leftMs = slot === 'delayed' ? Math.max(0, token.dueMs - settings.clock.now()) : 0;
    table.copying(token, slot);
    if (slot === 'held') token.renewal = `${this.#prefix}-${(this.#count += 1)}`;
    const message = messages.work(token.key, {
      attempts,
      counter,
      priority: urgencyOf(token, slot),
      dueEpochMs: leftMs > 0 ? leftMs + epochNow() : 0,
      leftMs,
      // The others cannot be taken for the message of a run that is under way.
      renewal: slot === 'held' ? token.renewal : undefined,
    });
    try {
      await send(message);
      table.renewed(token, slot, tag);
    } catch {
      // The queue is closed: the message goes back to the broker.
    }
    underWay.delete(tag);
  }
}
