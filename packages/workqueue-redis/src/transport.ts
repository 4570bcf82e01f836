import type { ScriptName } from './scripts.ts';

/** What a server answers: what its protocol knows. */
export type Reply = string | number | null | readonly Reply[];

/** What happens on a connection. */
export interface ConnectionEvents {
  /** The connection is lost. Called once, unless `close` was called before. */
  readonly onClosed: (error: unknown) => void;
  /** Another process says that there is work: now, or after so many microseconds. */
  readonly onWake: (afterUs: number) => void;
}

/** A connection to the server of one queue. */
export interface Connection {
  /** Runs a script. Calls are run in the order in which they were made, except that one whose script the server has forgotten comes later. Rejects with {@link RefusedError}, {@link FullError} or {@link UnavailableError}, or with anything else when the connection is lost. */
  call(script: ScriptName, args: readonly string[]): Promise<Reply>;
  /** What the server says about a section of itself. */
  info(section: string): Promise<string>;
  /** Closes at once: calls without an answer reject. Never throws. */
  close(): void;
}

/** Makes a connection that is ready for calls and hears wake-ups. Gives up when the signal aborts. */
export type Connect = (events: ConnectionEvents, signal: AbortSignal) => Promise<Connection>;

/** The server refuses what is asked for: another try would end as this one. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** The memory of the server is full; what is asked for is right. Another try may do it later. */
export class FullError extends Error {
  override readonly name = 'FullError';
}

/** The server cannot do this now; what is asked for is right. Another try, on a new connection, may do it. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}
