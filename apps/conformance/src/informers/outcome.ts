import { hash } from 'node:crypto';

/** Which object at which version. */
export interface Identity {
  readonly uid: string;
  readonly version: string;
}

/** One call of a handler. */
export interface Told {
  readonly event: 'add' | 'update' | 'delete';
  readonly key: string;
  /** The object, or the last one known. */
  readonly object: Identity;
  /** The object before an update. */
  readonly old?: Identity | undefined;
  readonly initial?: boolean | undefined;
  readonly tombstone?: boolean | undefined;
}

/** One object of a cache. */
export interface Stored {
  readonly key: string;
  readonly object: Identity;
  /** Of the object's JSON; see {@link contentHash}. */
  readonly hash: string;
}

/** What a player has to say at the end of a scenario. */
export interface Report {
  readonly told: readonly Told[];
  readonly store: readonly Stored[];
  readonly synced: boolean;
}

/** How a scenario went: what is recorded, and compared. */
export interface Outcome {
  /** What the server was asked, in order. */
  readonly requests: readonly string[];
  /** What the handler was told, in order for each key. */
  readonly told: Readonly<Record<string, readonly string[]>>;
  /** What the cache held at the end. */
  readonly store: Readonly<Record<string, string>>;
  /** Whether the informer had synced. */
  readonly synced: boolean;
}

/** Puts the reports of server and player into words. */
export function outcomeOf(requests: readonly string[], report: Report): Outcome {
  const keys = [...new Set(report.told.map(({ key }) => key))].sort();
  const calls = (key: string): string[] =>
    report.told.filter((call) => call.key === key).map((call) => callText(call));
  const store = report.store.map(
    ({ key, object, hash }) => [key, `${identityText(object)} ${hash}`] as const,
  );
  return {
    requests,
    // Keys such as __proto__ become properties like any other.
    told: Object.fromEntries(keys.map((key) => [key, calls(key)])),
    store: Object.fromEntries(store.sort(([a], [b]) => (a < b ? -1 : 1))),
    synced: report.synced,
  };
}

function callText({ event, object, old, initial, tombstone }: Told): string {
  const from = old ? `${identityText(old)} to ` : '';
  const marks = `${initial === true ? ' initial' : ''}${tombstone === true ? ' tombstone' : ''}`;
  return `${event} ${from}${identityText(object)}${marks}`;
}

function identityText({ uid, version }: Identity): string {
  return `${uid}@${version}`;
}

/** The start of the SHA-256 of the object's JSON, with sorted keys and without white space, as Go writes it. */
export function contentHash(value: unknown): string {
  return hash('sha256', canonical(value)).slice(0, 12);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return scalar(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${scalar(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

/** Go escapes two separators of lines that JSON.stringify leaves alone. */
function scalar(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
}
