import type {
  AddOptions,
  DescribeOptions,
  DrainOptions,
  GetOptions,
  PrioritizedGetResult,
  Queue,
} from '@kubeloop/workqueue';
import type { AmqpQueueDescription, AmqpQueueInspection } from './description.ts';
import type { AmqpQueueOptions } from './options.ts';

/** Options of what waits for the broker. */
export interface AmqpWaitOptions {
  /** Ends the wait: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A work queue that many processes share, durable on RabbitMQ. */
export class AmqpQueue implements Queue<string> {
  private constructor() {}

  /** Connects, declares what is missing at the broker, and refuses to run when what is there differs. */
  static async open(options: AmqpQueueOptions, wait: AmqpWaitOptions = {}): Promise<AmqpQueue> {
    throw new Error(`Cannot open queue "${options.name}": not built yet ${wait.signal?.aborted}`);
  }

  /** What the queue is called. */
  get name(): string {
    throw new Error('not built yet');
  }
  /** How many keys wait here. */
  get length(): number {
    throw new Error('not built yet');
  }
  /** Whether the queue has been shut down in this process. */
  get shuttingDown(): boolean {
    throw new Error('not built yet');
  }
  /** Says that `key` needs work. */
  add(_key: string, _options?: AddOptions): Promise<void> {
    throw new Error('not built yet');
  }
  /** Adds `key` after `delayMs` milliseconds. */
  addAfter(_key: string, _delayMs: number, _options?: AddOptions): Promise<void> {
    throw new Error('not built yet');
  }
  /** Adds `key` after the delay of the rate limiter. */
  addRateLimited(_key: string, _options?: AddOptions): Promise<void> {
    throw new Error('not built yet');
  }
  /** Forgets the failures of `key`. */
  forget(_key: string): void {
    throw new Error('not built yet');
  }
  /** How many failures of `key` this process knows of. */
  numRequeues(_key: string): number {
    throw new Error('not built yet');
  }
  /** Waits for a key to work on. */
  get(_options?: GetOptions): Promise<PrioritizedGetResult<string>> {
    throw new Error('not built yet');
  }
  /** Says that the work on `key` has ended. */
  done(_key: string): Promise<void> {
    throw new Error('not built yet');
  }
  /** Resolves when all that was added here is confirmed. */
  flushed(_options?: AmqpWaitOptions): Promise<void> {
    throw new Error('not built yet');
  }
  /** Takes no keys and accepts none from now on. */
  shutDown(): void {
    throw new Error('not built yet');
  }
  /** Shuts down, and resolves when nothing is processed here and the connections are closed. */
  shutDownWithDrain(_options?: DrainOptions): Promise<void> {
    throw new Error('not built yet');
  }
  /** Closes the connections at once, whatever is under way. */
  close(): Promise<void> {
    throw new Error('not built yet');
  }
  /** What is here at this moment. */
  describe(_options?: DescribeOptions): AmqpQueueDescription {
    throw new Error('not built yet');
  }
  /** Asks the broker what is there. */
  inspect(_options?: AmqpWaitOptions): Promise<AmqpQueueInspection> {
    throw new Error('not built yet');
  }
  /** Takes keys until shutdown. */
  [Symbol.asyncIterator](): AsyncIterator<string> {
    throw new Error('not built yet');
  }
}
