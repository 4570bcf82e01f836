import { isThenable } from './answers.ts';
import { CoalescingBuffer } from './coalescing-buffer.ts';
import type { HandlerErrorContext, Notification, ResourceEventHandler } from './events.ts';
import { Gate } from './gate.ts';
import type { InformerMetrics } from './metrics.ts';
import type { ResyncSchedule } from './resync.ts';
import { SyncTracker } from './sync-tracker.ts';
import type { Turns } from './turns.ts';

/** What a {@link Listener} is made of. */
export interface ListenerOptions<T> {
  readonly name: string;
  readonly handler: ResourceEventHandler<T>;
  /** How many keys may wait for the handler. */
  readonly bufferSize: number;
  readonly resync: ResyncSchedule;
  readonly turns: Turns;
  readonly metrics: InformerMetrics;
  /** Where failures of the handler go. */
  readonly onError: (error: unknown, context: Omit<HandlerErrorContext, 'informer'>) => void;
}

/** One registered handler: calls it, one event at a time, and keeps what it cannot take yet. */
export class Listener<T> {
  readonly name: string;
  readonly resync: ResyncSchedule;
  readonly synced: SyncTracker = new SyncTracker();
  readonly #options: ListenerOptions<T>;
  readonly #buffer: CoalescingBuffer<T>;
  readonly #room: Gate = new Gate();
  /** Set while a promise of the handler is pending or the buffer is being worked off; everything else waits for it. */
  #running: Promise<void> | undefined;
  #isPaused = true;
  #isRemoved = false;
  #errors = 0;

  constructor(options: ListenerOptions<T>) {
    this.#options = options;
    this.name = options.name;
    this.resync = options.resync;
    this.#buffer = new CoalescingBuffer((added) => this.#finished(added));
  }

  /** How many keys wait for the handler. */
  get backlog(): number {
    return this.#buffer.size;
  }

  /** How many calls of the handler have failed. */
  get errors(): number {
    return this.#errors;
  }

  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /** Calls the handler at once if it is idle. Returns a promise when the buffer is full: it resolves when there is room. */
  deliver(notification: Notification<T>): void | Promise<void> {
    if (this.#isRemoved) return;
    if (isInitial(notification)) this.synced.start();
    if (!this.#running && !this.#isPaused && this.#buffer.size === 0) {
      const pending = this.#call(notification);
      if (pending) this.#running = this.#workOff(pending);
      return;
    }
    this.#buffer.push(notification);
    this.#reportBacklog();
    if (this.#buffer.size >= this.#options.bufferSize && !this.#isPaused) return this.#room.wait();
  }

  /** Lets calls happen, those first that were kept while it was paused. */
  resume(): void {
    this.#isPaused = false;
    if (this.#buffer.size > 0) this.#running ??= this.#workOff();
  }

  /** Makes no further call; what comes meanwhile is kept. Nobody waits for room any more. */
  pause(): void {
    this.#isPaused = true;
    this.#room.release();
  }

  /** Makes no further call and forgets what is kept. Resolves when the running call has finished. */
  async remove(): Promise<void> {
    if (!this.#isRemoved) {
      this.#isRemoved = true;
      this.#buffer.clear();
      this.#reportBacklog();
      this.#room.release();
    }
    await this.#running;
  }

  /** Resolves when no call is running. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #workOff(first?: Promise<void>): Promise<void> {
    await first;
    const { turns } = this.#options;
    while (!this.#isPaused && !this.#isRemoved) {
      if (turns.isOver) {
        await turns.next();
        continue;
      }
      const notification = this.#buffer.shift();
      if (!notification) break;
      this.#reportBacklog();
      if (this.#buffer.size < this.#options.bufferSize) this.#room.release();
      await this.#call(notification);
    }
    this.#running = undefined;
  }

  /** Makes one call. Whatever it does, the result is only a promise that never rejects, or nothing. */
  #call(notification: Notification<T>): Promise<void> | undefined {
    try {
      const result = invoke(this.#options.handler, notification);
      if (isThenable(result)) return this.#settle(result, notification);
    } catch (error) {
      this.#failed(error, notification);
    }
    this.#finished(notification);
    return undefined;
  }

  async #settle(result: PromiseLike<unknown>, notification: Notification<T>): Promise<void> {
    try {
      await result;
    } catch (error) {
      this.#failed(error, notification);
    }
    this.#finished(notification);
  }

  #finished(notification: Notification<T>): void {
    if (isInitial(notification)) this.synced.finished();
  }

  #failed(error: unknown, { type, key }: Notification<T>): void {
    this.#errors += 1;
    this.#options.metrics.handlerErrors?.(this.name, this.#errors);
    this.#options.onError(error, { handler: this.name, event: type, key });
  }

  #reportBacklog(): void {
    this.#options.metrics.handlerBacklog?.(this.name, this.#buffer.size);
  }
}

function invoke<T>(
  handler: ResourceEventHandler<T>,
  notification: Notification<T>,
): void | Promise<void> {
  switch (notification.type) {
    case 'add':
      return handler.add?.(notification.obj, notification.isInInitialList);
    case 'update':
      return handler.update?.(notification.oldObj, notification.newObj);
    case 'delete':
      return handler.delete?.(notification.obj);
  }
}

function isInitial<T>(notification: Notification<T>): boolean {
  return notification.type === 'add' && notification.isInInitialList;
}
