import type { StatusLike } from './lister-watcher.ts';

/** The version and the words of an ERROR event, in the shape of the client's own errors. */
export class WatchStatusError extends Error {
  override readonly name = 'WatchStatusError';
  /** The HTTP code in the Status. 0 when it has none. */
  readonly code: number;
  /** The machine-readable reason. Empty when it has none. */
  readonly reason: string;
  /** The Status as received. */
  readonly status: StatusLike;

  constructor(status: StatusLike) {
    const text = status.message ?? status.reason ?? 'the server does not say why';
    super(`The server ended the watch with an error: ${text}`);
    this.code = status.code ?? 0;
    this.reason = status.reason ?? '';
    this.status = status;
  }

  /** The details of the Status: causes, and when to retry. */
  get details(): StatusLike['details'] {
    return this.status.details;
  }
}

/** A watch ended within a second and brought nothing. Taken for an error, so that it is not opened again in a busy loop. */
export class VeryShortWatchError extends Error {
  override readonly name = 'VeryShortWatchError';

  constructor(name: string, cause?: unknown) {
    const text = `Cannot keep a watch for "${name}": it ended within a second without any event`;
    super(text, cause === undefined ? {} : { cause });
  }
}

/** Nothing came over a watch for longer than can be explained: the connection is taken for dead. */
export class WatchSilentError extends Error {
  override readonly name = 'WatchSilentError';
  /** How long nothing came, in milliseconds. */
  readonly silentMs: number;

  constructor(name: string, silentMs: number) {
    super(`Cannot rely on the watch for "${name}": nothing came for ${Math.round(silentMs)} ms`);
    this.silentMs = silentMs;
  }
}

/** A streaming list did not come to its end in time. The reflector lists in pages instead. */
export class WatchListTimeoutError extends Error {
  override readonly name = 'WatchListTimeoutError';

  constructor(name: string, why: string) {
    super(`Cannot stream the list of "${name}": ${why}`);
  }
}

/** A write into the store failed in a way that ends the cycle. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';

  constructor(action: 'replace' | 'resync', name: string, cause: unknown) {
    super(`Cannot ${action} the store of "${name}": ${messageOf(cause)}`, { cause });
  }
}

/** The words of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
