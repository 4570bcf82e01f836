import type { ObjectLike } from '@kubeloop/cache-store';
import { handleRejection } from './answers.ts';
import type { Clock } from './clock.ts';
import type { Dispatcher } from './dispatcher.ts';
import { checkHandler, type HandlerErrorContext, type ResourceEventHandler } from './events.ts';
import type { WaitOptions } from './gate.ts';
import { checkCount, checkMilliseconds, checkTexts, checkWait } from './checks.ts';
import { Listener } from './listener.ts';
import type { InformerMetrics } from './metrics.ts';
import type { HandlerOptions, HandlerRegistration, HandlerState } from './registration.ts';
import { type ResyncPolicy, ResyncSchedule } from './resync.ts';
import { Turns } from './turns.ts';

/** What a {@link HandlerSet} is made of. */
export interface HandlerSetOptions<T extends ObjectLike> {
  readonly informer: string;
  readonly clock: Clock;
  readonly resync: ResyncPolicy;
  readonly defaultResyncPeriodMs: number;
  readonly metrics: InformerMetrics;
  readonly dispatcher: Dispatcher<T>;
  readonly onError: (error: unknown, context: Omit<HandlerErrorContext, 'informer'>) => void;
}

/** The handlers of one informer and the handles that their owners hold. */
export class HandlerSet<T extends ObjectLike> {
  readonly #options: HandlerSetOptions<T>;
  readonly #listeners = new Set<Listener<T>>();
  #count = 0;

  constructor(options: HandlerSetOptions<T>) {
    this.#options = options;
  }

  /**
   * Registers a handler.
   *
   * @throws TypeError or RangeError when the handler or one of its options is unfit
   */
  add(
    handler: ResourceEventHandler<T>,
    options: HandlerOptions,
    isRunning: boolean,
  ): HandlerRegistration {
    checkHandler(handler);
    checkTexts(options, ['name']);
    const { clock, resync, defaultResyncPeriodMs } = this.#options;
    const bufferSize = checkCount('bufferSize', options.bufferSize ?? 4096);
    const wantedMs = options.resyncPeriodMs ?? defaultResyncPeriodMs;
    const periodMs = resync.admit(checkMilliseconds('resyncPeriodMs', wantedMs), isRunning);
    this.#count += 1;
    const listener = new Listener<T>({
      name: options.name ?? classNameOf(handler) ?? `handler-${this.#count}`,
      handler,
      bufferSize,
      resync: new ResyncSchedule(periodMs, clock.now()),
      turns: Turns.of(clock),
      metrics: this.#options.metrics,
      onError: (error, context) => this.#failed(handler, error, context),
    });
    this.#listeners.add(listener);
    this.#options.dispatcher.add(listener);
    return this.#handleOf(listener);
  }

  /** What each handler is doing. */
  describe(): HandlerState[] {
    return [...this.#listeners].map(({ name, backlog, errors, synced }) => ({
      name,
      backlog,
      errors,
      hasSynced: synced.gate.isOpen,
    }));
  }

  /** Turns away those who wait for a handler that will not sync any more in this run. */
  stopped(reason: Error): void {
    for (const listener of this.#listeners) listener.synced.gate.fail(reason);
  }

  #handleOf(listener: Listener<T>): HandlerRegistration {
    const { dispatcher, informer } = this.#options;
    const removed = (): Error =>
      new Error(`Cannot wait for handler "${listener.name}" of "${informer}": it was removed`);
    return {
      name: listener.name,
      resyncPeriodMs: listener.resync.periodMs,
      get hasSynced(): boolean {
        return listener.synced.gate.isOpen;
      },
      get backlog(): number {
        return listener.backlog;
      },
      get errors(): number {
        return listener.errors;
      },
      synced: async (options: WaitOptions = {}): Promise<void> => {
        checkWait(`Cannot wait for handler "${listener.name}" of "${informer}"`, options);
        if (listener.isRemoved && !listener.synced.gate.isOpen) throw removed();
        await listener.synced.gate.wait(options);
      },
      remove: async (): Promise<void> => {
        dispatcher.remove(listener);
        this.#listeners.delete(listener);
        const finished = listener.remove();
        listener.synced.gate.fail(removed());
        await finished;
      },
    };
  }

  #failed(
    handler: ResourceEventHandler<T>,
    error: unknown,
    context: Omit<HandlerErrorContext, 'informer'>,
  ): void {
    if (!handler.onError) return this.#options.onError(error, context);
    const failed = (failure: unknown): void => {
      this.#options.onError(error, context);
      this.#options.onError(failure, context);
    };
    try {
      handleRejection(
        handler.onError(error, { informer: this.#options.informer, ...context }),
        failed,
      );
    } catch (failure) {
      failed(failure);
    }
  }
}

function classNameOf(handler: object): string | undefined {
  const name: unknown = handler.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? name : undefined;
}
