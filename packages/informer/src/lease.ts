import type { ObjectLike } from '@kubeloop/cache-store';
import { checkFunctions, checkMethods } from './checks.ts';
import type { ResourceEventHandler } from './events.ts';
import type { SharedInformer } from './informer.ts';
import type { HandlerOptions, HandlerRegistration } from './registration.ts';

/**
 * One user's share of an informer that runs as long as anybody has one. Made by `acquire` of a factory.
 *
 * @example
 * await using lease = factory.acquire(pods);
 * await lease.informer.waitForSync({ signal });
 */
export class InformerLease<T extends ObjectLike> {
  /** The informer. Not to be used after the release: then it may be stopped. */
  readonly informer: SharedInformer<T>;
  readonly #registrations = new Set<HandlerRegistration>();
  readonly #giveBack: () => Promise<void>;
  #released: Promise<void> | undefined;

  /**
   * @param informer - what is leased
   * @param giveBack - called once, when this is released
   * @throws TypeError when the informer or the function is none
   */
  constructor(informer: SharedInformer<T>, giveBack: () => Promise<void>) {
    checkMethods('informer', informer, ['addEventHandler']);
    checkFunctions({ giveBack: giveBack ?? null }, ['giveBack']);
    this.informer = informer;
    this.#giveBack = giveBack;
  }

  /** Whether it has been given back. */
  get isReleased(): boolean {
    return this.#released !== undefined;
  }

  /**
   * Adds a handler that goes with this lease.
   *
   * @throws Error when it is released; as the informer does
   */
  addEventHandler(handler: ResourceEventHandler<T>, options?: HandlerOptions): HandlerRegistration {
    if (this.#released)
      throw new Error(
        `Cannot add a handler to informer "${this.informer.name}": the lease is released`,
      );
    const registration = this.informer.addEventHandler(handler, options);
    this.#registrations.add(registration);
    return registration;
  }

  /**
   * Takes the handlers of this lease out and gives the informer back. Resolves when none of them is called any more and,
   * when nobody else has the informer, when its connection is closed. Can be called again, and does nothing more then.
   * Not to be awaited in one of the handlers.
   */
  async release(): Promise<void> {
    this.#released ??= this.#release();
    await this.#released;
  }

  /** The same as {@link release}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #release(): Promise<void> {
    const removed = [...this.#registrations].map((registration) => registration.remove());
    this.#registrations.clear();
    await Promise.all([...removed, this.#giveBack()]);
  }
}
