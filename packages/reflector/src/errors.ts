import { messageOf } from './message-of.ts';
import type { StatusLike } from './lister-watcher.ts';

/** Marks an error as one of ours, whichever copy of this package made it. */
function markOf(className: string): symbol {
  return Symbol.for(`@kubeloop/reflector/${className}`);
}

function hasMark(value: unknown, mark: symbol): boolean {
  return typeof value === 'object' && value !== null && mark in value;
}

const watchStatusError = markOf('WatchStatusError');

/** An ERROR event of a watch, in the shape of the client's own errors. */
export class WatchStatusError extends Error {
  /** The name of the class. */
  override readonly name: string = 'WatchStatusError';
  /** The HTTP code in the Status. 0 when it has none. */
  readonly code: number;
  /** The machine-readable reason. Empty when it has none. */
  readonly reason: string;
  /** The Status as received. */
  readonly status: StatusLike;

  /** @param status - the object of the ERROR event */
  constructor(status: StatusLike) {
    const text = status.message ?? status.reason ?? 'the server does not say why';
    super(`The server ended the watch with an error: ${text}`);
    Object.defineProperty(this, watchStatusError, { value: true });
    this.code = status.code ?? 0;
    this.reason = status.reason ?? '';
    this.status = status;
  }

  /** The details of the Status: causes, and when to retry. */
  get details(): StatusLike['details'] {
    return this.status.details;
  }

  /** Whether a value is such an error, from whichever copy of this package. */
  static is(value: unknown): value is WatchStatusError {
    return hasMark(value, watchStatusError);
  }
}

const veryShortWatchError = markOf('VeryShortWatchError');

/** A watch ended within a second and brought nothing. Taken for an error, so that it is not opened again in a busy loop. */
export class VeryShortWatchError extends Error {
  /** The name of the class. */
  override readonly name: string = 'VeryShortWatchError';

  /**
   * @param name - the reflector's
   * @param cause - what broke the connection, if it broke
   */
  constructor(name: string, cause?: unknown) {
    const text = `Cannot keep a watch for "${name}": it ended within a second without any event`;
    super(text, cause === undefined ? {} : { cause });
    Object.defineProperty(this, veryShortWatchError, { value: true });
  }

  /** Whether a value is such an error, from whichever copy of this package. */
  static is(value: unknown): value is VeryShortWatchError {
    return hasMark(value, veryShortWatchError);
  }
}

const watchSilentError = markOf('WatchSilentError');

/** Nothing came over a watch for longer than can be explained: the connection is taken for dead. */
export class WatchSilentError extends Error {
  /** The name of the class. */
  override readonly name: string = 'WatchSilentError';
  /** How long nothing came, in milliseconds. */
  readonly silentMs: number;

  /**
   * @param name - the reflector's
   * @param silentMs - how long nothing came
   */
  constructor(name: string, silentMs: number) {
    super(`Cannot rely on the watch for "${name}": nothing came for ${Math.round(silentMs)} ms`);
    Object.defineProperty(this, watchSilentError, { value: true });
    this.silentMs = silentMs;
  }

  /** Whether a value is such an error, from whichever copy of this package. */
  static is(value: unknown): value is WatchSilentError {
    return hasMark(value, watchSilentError);
  }
}

const watchListTimeoutError = markOf('WatchListTimeoutError');

/** A streaming list did not come to its end in time. The reflector lists in pages instead. */
export class WatchListTimeoutError extends Error {
  /** The name of the class. */
  override readonly name: string = 'WatchListTimeoutError';

  /**
   * @param name - the reflector's
   * @param why - what took too long
   */
  constructor(name: string, why: string) {
    super(`Cannot stream the list of "${name}": ${why}`);
    Object.defineProperty(this, watchListTimeoutError, { value: true });
  }

  /** Whether a value is such an error, from whichever copy of this package. */
  static is(value: unknown): value is WatchListTimeoutError {
    return hasMark(value, watchListTimeoutError);
  }
}

const storeError = markOf('StoreError');

/** The store did not take a whole list or a resync; why is its `cause`. */
export class StoreError extends Error {
  /** The name of the class. */
  override readonly name: string = 'StoreError';

  /**
   * @param action - what was asked of the store
   * @param name - the reflector's
   * @param cause - what the store, or the transform before it, threw
   */
  constructor(action: 'replace' | 'resync', name: string, cause: unknown) {
    super(`Cannot ${action} the store of "${name}": ${messageOf(cause)}`, { cause });
    Object.defineProperty(this, storeError, { value: true });
  }

  /** Whether a value is such an error, from whichever copy of this package. */
  static is(value: unknown): value is StoreError {
    return hasMark(value, storeError);
  }
}
