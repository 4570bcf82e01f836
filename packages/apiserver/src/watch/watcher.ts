import type { ServerResponse } from 'node:http';
import type { Clock, ClockTimer } from '../clock.ts';
import type { Selection } from '../operations/list.ts';
import type { StatusError } from '../status.ts';
import type { Change } from '../storage/table.ts';
import { bookmarkLine, changeLine, errorLine } from './events.ts';

/** How long before its end a watch gets its last bookmark. */
const LAST_BOOKMARK_MS = 2000;

/** One open watch. Lines are written in the turn in which a change is made. */
export class Watcher {
  readonly selection: Selection;
  readonly wantsBookmarks: boolean;
  readonly #after: number;
  readonly #response: ServerResponse;
  readonly #maxBufferedBytes: number;
  readonly #timers: ClockTimer[] = [];
  readonly #onEnd: (watcher: Watcher) => void;
  /** Lines of this turn, which are sent together. */
  #pending = '';
  #ended = false;

  constructor(options: {
    readonly selection: Selection;
    readonly response: ServerResponse;
    readonly wantsBookmarks: boolean;
    /** The version after which changes are shown; it may lie in the future. */
    readonly after: number;
    readonly maxBufferedBytes: number;
    readonly onEnd: (watcher: Watcher) => void;
  }) {
    this.selection = options.selection;
    this.wantsBookmarks = options.wantsBookmarks;
    this.#after = options.after;
    this.#response = options.response;
    this.#maxBufferedBytes = options.maxBufferedBytes;
    this.#onEnd = options.onEnd;
    this.#response.once('close', () => this.#finish());
  }

  /** Arms the end of the watch and the bookmark shortly before it. */
  startTimers(clock: Clock, timeoutMs: number, currentVersion: () => number): void {
    if (this.#ended) return;
    this.#timers.push(clock.setTimeout(() => this.end(), timeoutMs));
    if (!this.wantsBookmarks) return;
    const delayMs = timeoutMs - LAST_BOOKMARK_MS;
    if (delayMs <= 0) return;
    this.#timers.push(clock.setTimeout(() => this.bookmark(currentVersion()), delayMs));
  }

  offer(change: Change): void {
    if (change.resourceVersion <= this.#after) return;
    const line = changeLine(this.selection, change);
    if (line !== undefined) this.write(line);
  }

  bookmark(resourceVersion: number, endsInitialEvents = false): void {
    if (!this.wantsBookmarks || resourceVersion < this.#after) return;
    this.write(bookmarkLine(this.selection.resource, resourceVersion, endsInitialEvents));
  }

  /**
   * Writes one line. A client that reads so slowly that more than the bound is waiting is cut off;
   * it then lists again, which costs it less than what it has missed.
   */
  write(line: string): void {
    if (this.#ended) return;
    if (this.#pending === '') process.nextTick(() => this.#flush());
    this.#pending += line;
    const waiting = this.#response.writableLength + this.#pending.length;
    if (waiting > this.#maxBufferedBytes) this.#response.destroy();
  }

  fail(error: StatusError): void {
    this.write(errorLine(error));
    this.end();
  }

  /** Ends the stream in good order. */
  end(): void {
    if (this.#ended) return;
    this.#finish();
    this.#flush();
    this.#response.end();
  }

  #flush(): void {
    if (this.#pending === '' || this.#response.destroyed) return;
    const lines = this.#pending;
    this.#pending = '';
    this.#response.write(lines);
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of this.#timers) timer.cancel();
    this.#onEnd(this);
  }
}
