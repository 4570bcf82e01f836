import type { ObjectLike } from '@kubeloop/cache-store';
import type { HandlerRegistration, SharedInformer } from '@kubeloop/informer';
import { informerHandler } from './dispatch.ts';
import type { EventHandler } from './event-handler.ts';
import type { Predicate } from './predicates.ts';
import type { Source, SourceContext, SourceDescription } from './source.ts';
import { checkGiven, checkMethods } from './option-checks.ts';

/** What an {@link InformerSource} is made of. */
export interface InformerSourceOptions<T extends ObjectLike> {
  /** Names the source in reports. */
  readonly name: string;
  /** Tells of the objects. Whoever made it runs it. */
  readonly informer: SharedInformer<T>;
  /** Turns events into requests. */
  readonly handler: EventHandler<T>;
  /** An event must pass all of them. Default none. */
  readonly predicates?: readonly Predicate<T>[] | undefined;
}

/** Requests from what a shared informer tells. */
export class InformerSource<T extends ObjectLike> implements Source {
  /** Names the source in reports. */
  readonly name: string;
  readonly #options: InformerSourceOptions<T>;
  #registration: HandlerRegistration | undefined;

  /** @throws TypeError when there is no informer or no handler */
  constructor(options: InformerSourceOptions<T>) {
    checkGiven('Cannot make an informer source', options);
    checkMethods(`the informer of source "${options.name}"`, options.informer, ['addEventHandler']);
    checkMethods(`the handler of source "${options.name}"`, options.handler, []);
    this.name = options.name;
    this.#options = options;
  }

  /** Adds a handler to the informer and waits until it has been told of all that was there. */
  async start(context: SourceContext): Promise<void> {
    const { informer, handler, predicates = [] } = this.#options;
    const registration = informer.addEventHandler(
      informerHandler({
        handler,
        predicates,
        enqueue: context.enqueue,
        skipOwn: context.skipOwn,
        onError: context.onHandlerError,
        source: context.wantsCauses ? this.name : undefined,
      }),
      { name: this.name },
    );
    this.#registration = registration;
    try {
      await registration.synced({ signal: context.signal });
    } catch (error) {
      // It is started again, and must not hear everything twice then.
      await this.stop();
      throw error;
    }
  }

  /** Takes the handler away; resolves when no call of it runs any more. */
  async stop(): Promise<void> {
    await this.#registration?.remove();
    this.#registration = undefined;
  }

  /** How far it is; the last error is that of the informer's list and watch. */
  describe(): SourceDescription {
    const isSynced = this.#registration?.hasSynced ?? false;
    const lastError = this.#options.informer.lastFailure?.error;
    return { name: this.name, isSynced, lastError };
  }
}
