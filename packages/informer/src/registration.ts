import type { WaitOptions } from './gate.ts';

/** Options of one handler. */
export interface HandlerOptions {
  /**
   * How often the handler is told about every object again, in milliseconds. Zero means never; values between are raised
   * to 1000. Once the informer runs, a shorter period than that of its timer is raised to it. Default: the informer's.
   */
  readonly resyncPeriodMs?: number | undefined;
  /** What the handler is called in errors and metrics. Default: the name of its class, or `handler-1` and so on. */
  readonly name?: string | undefined;
  /**
   * How many keys may wait for a handler that returns promises. Beyond that the whole informer waits for it, and through
   * it the connection. Changes of a waiting key are merged and take no further room. So a handler must not wait for
   * something that the same informer has yet to bring. Default 4096.
   */
  readonly bufferSize?: number | undefined;
}

/** What one handler is doing. */
export interface HandlerState {
  /** The name of the handler in errors and metrics. */
  readonly name: string;
  /** Whether the informer has synced and the handler has finished everything of its initial list, failed calls included. */
  readonly hasSynced: boolean;
  /** How many keys wait for the handler. Always zero for one that returns no promises, unless the informer is stopped. */
  readonly backlog: number;
  /** How many of its calls have failed. */
  readonly errors: number;
}

/** The handle of one handler at one informer. */
export interface HandlerRegistration extends HandlerState {
  /** The resync period that the handler got, in milliseconds; zero for none. */
  readonly resyncPeriodMs: number;
  /**
   * Resolves when {@link hasSynced} is true. Rejects with the signal's reason, or when the handler is removed or the
   * informer stops before.
   */
  synced(options?: WaitOptions): Promise<void>;
  /**
   * Takes the handler out: it is not called again. Resolves when a call that runs now has finished, so do not await it
   * in the handler itself. Removing twice does nothing more.
   */
  remove(): Promise<void>;
}
