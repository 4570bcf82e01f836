import type { Link } from './link.ts';
import type { Report } from './report.ts';
import type { ScriptName } from './scripts.ts';
import { RefusedError, type Reply } from './transport.ts';

/** A call that is made until it is answered. */
interface Letter {
  readonly script: ScriptName;
  /** Asked each time that it is sent, because time passes. */
  readonly args: () => readonly string[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  isSent: boolean;
}

/**
 * Calls that must not be lost: each is sent again on a new connection until the server has answered it. So a script may run twice
 * for one call, which must do no harm.
 */
export class Sender {
  readonly #link: Link;
  readonly #report: Report;
  /** What has no answer, in the order in which it was asked for. */
  readonly #letters = new Set<Letter>();
  /** Calls that were not sent yet, by what they ask for, so that many of the same are one. */
  readonly #unsent = new Map<string, Promise<Reply>>();
  #closed: Error | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(link: Link, report: Report) {
    this.#link = link;
    this.#report = report;
  }

  /** How many calls have no answer. */
  get size(): number {
    return this.#letters.size;
  }

  /** Makes a call. Rejects when the server refuses it, or the queue is closed before the answer. */
  call(script: ScriptName, args: () => readonly string[]): Promise<Reply> {
    if (this.#closed) return Promise.reject(this.#closed);
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    // Who does not wait for it must not end the process.
    promise.catch(() => undefined);
    const letter = { script, args, resolve, reject, isSent: false };
    this.#letters.add(letter);
    this.#send(letter);
    return promise;
  }

  /** As `call`, but while there is no connection, calls with the same arguments are one. */
  callOnce(script: ScriptName, args: readonly string[]): Promise<Reply> {
    if (this.#link.state === 'connected') return this.call(script, () => args);
    const name = JSON.stringify([script, args]);
    const known = this.#unsent.get(name);
    if (known) return known;
    const made = this.call(script, () => args);
    this.#unsent.set(name, made);
    return made;
  }

  /** Sends all again that has no answer: there is a new connection. */
  resend(): void {
    this.#unsent.clear();
    for (const letter of this.#letters) {
      if (letter.isSent) this.#report.count('resends');
      this.#send(letter);
    }
  }

  /** Resolves when every call is answered. Rejects when the queue is closed before. */
  flushed(): Promise<void> {
    if (this.#letters.size === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    this.#idle.promise.catch(() => undefined);
    return this.#idle.promise;
  }

  /** Rejects all that has no answer. */
  close(error: Error): void {
    this.#closed ??= error;
    for (const letter of this.#letters) letter.reject(error);
    this.#letters.clear();
    this.#unsent.clear();
    this.#idle?.reject(error);
    this.#idle = undefined;
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
    }
  }

  #settle(letter: Letter, settle: () => void): void {
    if (!this.#letters.delete(letter)) return;
    settle();
    if (this.#letters.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
