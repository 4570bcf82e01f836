import type { EventMessage } from './subject-protocol.ts';

/** What a handler was last told about one object. */
export interface Seen {
  readonly uid: string;
  readonly rv: string;
  /** False after a deletion. */
  readonly isPresent: boolean;
}

/**
 * Checks that the calls of one handler are legal, key by key: an addition first, then updates, then a deletion, and again.
 *
 * Versions never go back. The same version may come again, as after a list that follows a gap. Another uid comes by a
 * deletion and an addition, or by an update when the deletion fell into a gap, as client-go says.
 */
export class History {
  readonly #seen = new Map<string, Seen>();
  readonly #violations: string[] = [];
  #events = 0;

  /** What the handler knows now, by key; deleted objects included. */
  get seen(): ReadonlyMap<string, Seen> {
    return this.#seen;
  }

  /** How many calls there were. */
  get events(): number {
    return this.#events;
  }

  /** Takes the illegal calls since the last time, in words. */
  takeViolations(): string[] {
    return this.#violations.splice(0);
  }

  /** Notes a call. */
  note(event: EventMessage): void {
    this.#events += 1;
    const { key, uid, rv, op } = event;
    const before = this.#seen.get(key);
    const wrong = whatIsWrong(before, event);
    if (wrong !== undefined) this.#violations.push(`${op} of ${event.resource} ${key}: ${wrong}`);
    this.#seen.set(key, { uid, rv, isPresent: op !== 'delete' });
  }
}

function whatIsWrong(before: Seen | undefined, event: EventMessage): string | undefined {
  const { op, uid, rv } = event;
  const isPresent = before?.isPresent === true;
  if (op === 'add' && isPresent) return 'it was there already';
  if (op !== 'add' && !isPresent) return 'it was not there';
  if (before === undefined) return undefined;
  const order = compareVersions(rv, before.rv);
  if (order < 0) return `version ${rv} after version ${before.rv}`;
  if (op === 'add' && order === 0) return `version ${rv} was deleted before`;
  if (op === 'delete' && uid !== before.uid && event.tombstone === true)
    return `uid ${uid} was never told of, but ${before.uid}`;
  return undefined;
}

/** Negative, zero or positive, as versions of one cluster are ordered: as numbers of any length. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  return a.length === b.length ? (a < b ? -1 : 1) : a.length - b.length;
}
