import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { Link } from './link.ts';
import type { Report } from './report.ts';
import type { ScriptName } from './scripts.ts';
import { FullError, RefusedError, type Reply } from './transport.ts';

/** A call that is made until it is answered. */
interface Letter {
  readonly script: ScriptName;
  /** Asked each time that it is sent, because time passes. */
  readonly args: () => readonly string[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  isSent: boolean;
}

/** A key that is to be added, and those who wait for that. */
interface Addition {
  priority: number;
  readonly added: PromiseWithResolvers<void>;
}

/** How many keys are added by one call at most: enough to be fast, and few enough that the server serves others in between. */
const mostAdded = 500;

/** How long a server whose memory is full is left alone with what it has no room for, in milliseconds. */
const fullMs = 1000;

/**
 * Calls that must not be lost: each is sent again on a new connection until the server has answered it. So a script may run twice
 * for one call, which must do no harm. What the server has no room for is sent again after a while.
 */
export class Sender {
  readonly #link: Link;
  readonly #report: Report;
  readonly #clock: Clock;
  /** What has no answer, in the order in which it was asked for. */
  readonly #letters = new Set<Letter>();
  /** Keys whose addition was not sent yet: to the end of this turn of the event loop, or until there is a connection, and room. */
  readonly #additions = new Map<string, Addition>();
  /** What there was no room for. */
  readonly #refused = new Set<Letter>();
  #retry: Timer | undefined;
  #closed: Error | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(link: Link, report: Report, clock: Clock) {
    this.#link = link;
    this.#report = report;
    this.#clock = clock;
  }

  /** How many calls have no answer, each key that was not sent yet counted as one. */
  get size(): number {
    return this.#letters.size + this.#additions.size;
  }

  /** Makes a call. Rejects when the server refuses it, or the queue is closed before the answer. */
  call(script: ScriptName, args: () => readonly string[]): Promise<Reply> {
    if (this.#closed) return Promise.reject(this.#closed);
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    // Who does not wait for it must not end the process.
    promise.catch(() => undefined);
    const letter = { script, args, resolve, reject, isSent: false };
    this.#letters.add(letter);
    this.#measure();
    this.#send(letter);
    return promise;
  }

  /** Adds a key. What is asked for in one turn of the event loop, or while there is no connection, is one call, with each key once. */
  add(key: string, priority: number): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    const known = this.#additions.get(key);
    if (known) {
      known.priority = Math.max(known.priority, priority);
      return known.added.promise;
    }
    const added = Promise.withResolvers<void>();
    added.promise.catch(() => undefined);
    if (this.#additions.size === 0) queueMicrotask(() => this.#sendAdditions());
    this.#additions.set(key, { priority, added });
    this.#measure();
    return added.promise;
  }

  /** Sends all again that has no answer: there is a new connection. */
  resend(): void {
    this.#forgetRefused();
    for (const letter of this.#letters) {
      if (letter.isSent) this.#report.count('resends');
      this.#send(letter);
    }
    this.#sendAdditions();
  }

  /** Resolves when every call is answered. Rejects when the queue is closed before. */
  async flushed(): Promise<void> {
    // An answer may lead to another call, which is made before this goes on.
    while (this.size > 0) {
      this.#idle ??= Promise.withResolvers<void>();
      this.#idle.promise.catch(() => undefined);
      await this.#idle.promise;
    }
  }

  /** Rejects all that has no answer. */
  close(error: Error): void {
    this.#closed ??= error;
    this.#forgetRefused();
    for (const letter of this.#letters) letter.reject(error);
    for (const { added } of this.#additions.values()) added.reject(error);
    this.#letters.clear();
    this.#additions.clear();
    this.#measure();
    this.#idle?.reject(error);
    this.#idle = undefined;
  }

  #sendAdditions(): void {
    if (this.#link.state !== 'connected' || this.#retry) return;
    const all = [...this.#additions];
    this.#additions.clear();
    for (let from = 0; from < all.length; from += mostAdded)
      void this.#addAll(all.slice(from, from + mostAdded));
  }

  async #addAll(additions: readonly (readonly [string, Addition])[]): Promise<void> {
    const pairs = additions.flatMap(([key, { priority }]) => [key, `${priority}`]);
    try {
      await this.call('addAll', () => pairs);
      for (const [, { added }] of additions) added.resolve();
    } catch (error) {
      if (error instanceof FullError && !this.#closed) this.#takeBack(additions);
      else for (const [, { added }] of additions) added.reject(error);
    }
  }

  /** So that what is added until there is room again is one call with it. */
  #takeBack(additions: readonly (readonly [string, Addition])[]): void {
    for (const [key, addition] of additions) {
      const known = this.#additions.get(key);
      if (known) {
        known.priority = Math.max(known.priority, addition.priority);
        known.added.promise.then(addition.added.resolve, addition.added.reject);
      } else this.#additions.set(key, addition);
    }
    this.#measure();
  }

  #send(letter: Letter): void {
    if (this.#link.state === 'connected') void this.#post(letter);
  }

  async #post(letter: Letter): Promise<void> {
    letter.isSent = true;
    try {
      const reply = await this.#link.call(letter.script, letter.args());
      this.#settle(letter, () => letter.resolve(reply));
    } catch (error) {
      // Else the link makes a new connection, on which it is sent again.
      if (error instanceof RefusedError) this.#settle(letter, () => letter.reject(error));
      else if (error instanceof FullError) this.#sendLater(letter, error);
    }
  }

  #sendLater(letter: Letter, error: FullError): void {
    if (this.#closed) return;
    this.#waitForRoom(error);
    if (letter.script === 'addAll') this.#settle(letter, () => letter.reject(error));
    else this.#refused.add(letter);
  }

  #waitForRoom(error: FullError): void {
    if (this.#retry) return;
    this.#report.error(error, 'a call: the server has no room');
    this.#retry = this.#clock.setTimeout(() => {
      const letters = [...this.#refused];
      this.#forgetRefused();
      for (const each of letters) this.#send(each);
      this.#sendAdditions();
    }, fullMs);
  }

  #forgetRefused(): void {
    this.#refused.clear();
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #settle(letter: Letter, settle: () => void): void {
    if (!this.#letters.delete(letter)) return;
    this.#measure();
    settle();
    if (this.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  #measure(): void {
    this.#report.measure((instruments) => instruments.outbox.set(this.size));
  }
}
