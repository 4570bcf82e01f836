import { failure, thing, thingList, type Thing } from './things.ts';

/** The requests that a script tells apart. A stream is a watch that asks for the initial events. */
export type RequestKind = 'list' | 'watch' | 'stream';

/** What the server writes: text, bytes, or nothing for a while. */
export type Piece = string | Buffer | { readonly pauseMs: number };

/**
 * What becomes of the connection after the last piece. `end`: the answer ends as it should. `cut`: the connection is closed
 * without that. `reset`: it is reset. `hold`: it stays open; at the end of the script the last object comes through it.
 * `downMs`: the server goes away for that long, with all its connections.
 */
export type Ending = 'end' | 'cut' | 'reset' | 'hold' | { readonly downMs: number };

/** One answer. */
export interface Answer {
  /** The HTTP status. 0 means that not even headers are sent. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Piece[];
  readonly ending: Ending;
}

/** What the next request of a kind is answered with. */
export interface Step {
  readonly on: RequestKind;
  readonly answer: Answer;
  /** Whether the script is over although nobody asks for this. */
  readonly isOptional?: boolean;
  /** Whether it answers all further requests of its kind as well. */
  readonly isRepeated?: boolean;
}

/** A story that a server tells to an informer. */
export interface Scenario {
  /** A plain sentence. */
  readonly title: string;
  /** Whether the informer may try streaming lists. Default false. */
  readonly watchList?: boolean;
  /** What is answered, each kind of request in its order. */
  readonly steps: readonly Step[];
  /** The server cannot be reached at first. */
  readonly downAtStartMs?: number;
  /**
   * How the end is known. By default the informer is told of a last object, through the connection that the last step leaves
   * open, or through one more watch. Otherwise after a number of requests, or when nothing was asked or sent for a while.
   */
  readonly end?: { readonly requests: number } | { readonly quietMs: number };
}

const json = { 'content-type': 'application/json' };

/** An answer in one piece that is what it says it is. */
export function answer(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: { ...json, ...headers }, pieces: [text], ending: 'end' };
}

/** A list that is answered in full. */
export function list(
  version: string,
  items: readonly unknown[] | null = [],
  metadata: object = {},
): Step {
  return { on: 'list', answer: answer(200, thingList(version, items, metadata)) };
}

/** A request that is refused with a Status, or with a plain text. */
export function refuse(
  on: RequestKind,
  status: object | string,
  { code, headers = {} }: { code?: number; headers?: Record<string, string> } = {},
): Step {
  const own = typeof status === 'object' && 'code' in status ? Number(status.code) : 500;
  const type: Record<string, string> =
    typeof status === 'string' ? { 'content-type': 'text/plain' } : {};
  return { on, answer: answer(code ?? own, status, { ...type, ...headers }) };
}

/** A watch that brings `pieces` and ends. */
export function watch(pieces: readonly Piece[], ending: Ending = 'end'): Step {
  return { on: 'watch', answer: { status: 200, headers: json, pieces, ending } };
}

/** A streaming list that brings `pieces` and stays open. */
export function stream(pieces: readonly Piece[], ending: Ending = 'hold'): Step {
  return { on: 'stream', answer: { status: 200, headers: json, pieces, ending } };
}

/** A request whose connection breaks before the first byte of an answer. */
export function broken(on: RequestKind, ending: 'cut' | 'reset'): Step {
  return { on, answer: { status: 0, headers: {}, pieces: [], ending } };
}

/** A step that is there for who asks. */
export function optional(step: Step): Step {
  return { ...step, isOptional: true };
}

/** A step that answers all further requests of its kind, too. */
export function repeated(step: Step): Step {
  return { ...step, isRepeated: true };
}

/** A line of a watch. */
export function event(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** ADDED. */
export function added(...args: Parameters<typeof thing>): string {
  return event('ADDED', thing(...args));
}

/** MODIFIED. */
export function modified(...args: Parameters<typeof thing>): string {
  return event('MODIFIED', thing(...args));
}

/** DELETED. */
export function deleted(...args: Parameters<typeof thing>): string {
  return event('DELETED', thing(...args));
}

/** BOOKMARK, with more metadata where given. */
export function bookmark(version: string, metadata: object = {}): string {
  const { apiVersion, kind }: Thing = thing('', '');
  return event('BOOKMARK', {
    apiVersion,
    kind,
    metadata: { resourceVersion: version, ...metadata },
  });
}

/** The bookmark that ends a streaming list. */
export function endOfInitialEvents(version: string): string {
  return bookmark(version, { annotations: { 'k8s.io/initial-events-end': 'true' } });
}

/** ERROR, with a Status of a failure. */
export function errorEvent(code: number, reason: string, more: object = {}): string {
  return event('ERROR', failure(code, reason, more));
}

/** Nothing for a while. */
export function pause(pauseMs: number): Piece {
  return { pauseMs };
}
