import { groupVersions, isGroup } from './fan-out.ts';
import type { Recorder } from './recorder.ts';

/** One object as the server has it. */
export interface ServerObject {
  readonly uid: string;
  readonly rv: string;
}

/** Everything the server has, by resource and key. */
export type ServerState = ReadonlyMap<string, ReadonlyMap<string, ServerObject>>;

/** Where a subject differs from the server. */
export interface Differences {
  /** Objects that the cache lacks. */
  readonly missing: readonly string[];
  /** Objects that the cache has and the server has not. */
  readonly extra: readonly string[];
  /** Objects of which the cache has another version. */
  readonly stale: readonly string[];
  /** Objects of which the last call to a handler told something else. */
  readonly handlers: readonly string[];
  /** Objects whose last reconcile saw something else. */
  readonly reconciles: readonly string[];
}

/** What is compared. */
export interface Comparison {
  readonly server: ServerState;
  /** The subject's caches: versions by resource and key. */
  readonly store: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly recorder: Recorder;
  /** The resource whose objects are reconciled, if any. */
  readonly reconcile?: string | undefined;
  /** The resource whose groups are reconciled, if any. */
  readonly fanOut?: string | undefined;
}

/** Compares caches, handlers and reconciles with the server, at a moment when nobody writes. */
export function compare({ server, store, recorder, reconcile, fanOut }: Comparison): Differences {
  const missing: string[] = [];
  const extra: string[] = [];
  const stale: string[] = [];
  for (const [plural, objects] of server) {
    const cached = new Map(Object.entries(store[plural] ?? {}));
    for (const [key, { rv }] of objects) {
      const has = cached.get(key);
      if (has === undefined) missing.push(`${plural} ${key}`);
      else if (has !== rv) stale.push(`${plural} ${key}: ${has} instead of ${rv}`);
    }
    for (const key of cached.keys()) if (!objects.has(key)) extra.push(`${plural} ${key}`);
  }
  return {
    missing,
    extra,
    stale,
    handlers: handlerDifferences(server, recorder),
    reconciles: [
      ...reconcileDifferences(reconcile && server.get(reconcile), recorder),
      ...groupDifferences(fanOut && server.get(fanOut), recorder),
    ],
  };
}

/** Whether there is no difference at all. */
export function isEqual(differences: Differences): boolean {
  return Object.values(differences).every((list: readonly string[]) => list.length === 0);
}

/** Differences in words: how many of each, and one of each as an example. */
export function describeDifferences(differences: Differences): string {
  return Object.entries(differences)
    .filter(([, list]: [string, readonly string[]]) => list.length > 0)
    .map(([name, list]: [string, readonly string[]]) => `${list.length} ${name} (${list[0] ?? ''})`)
    .join(', ');
}

function handlerDifferences(server: ServerState, recorder: Recorder): string[] {
  const wrong: string[] = [];
  for (const [name, { seen }] of recorder.histories) {
    const objects = server.get(name.slice(0, name.indexOf('/'))) ?? new Map<string, ServerObject>();
    for (const [key, { rv, uid }] of objects) {
      const last = seen.get(key);
      if (last?.isPresent !== true) wrong.push(`${name} was not told of ${key}`);
      else if (last.rv !== rv || last.uid !== uid)
        wrong.push(`${name} was told of ${key} at ${last.rv} instead of ${rv}`);
    }
    for (const [key, { isPresent }] of seen)
      if (isPresent && !objects.has(key)) wrong.push(`${name} was not told that ${key} is gone`);
  }
  return wrong;
}

function reconcileDifferences(
  objects: ReadonlyMap<string, ServerObject> | '' | undefined,
  { reconciled }: Recorder,
): string[] {
  if (!objects) return [];
  const wrong: string[] = [];
  for (const [key, { rv }] of objects) {
    const saw = reconciled.get(key);
    if (saw === undefined) wrong.push(`${key} was never reconciled`);
    else if (saw !== rv) wrong.push(`${key} was reconciled at ${saw || 'nothing'}, not ${rv}`);
  }
  for (const [key, saw] of reconciled)
    if (saw !== '' && !objects.has(key) && !isGroup(key))
      wrong.push(`${key} was not reconciled after its deletion`);
  return wrong;
}

function groupDifferences(
  objects: ReadonlyMap<string, ServerObject> | '' | undefined,
  { reconciled }: Recorder,
): string[] {
  if (!objects) return [];
  const there = groupVersions(Array.from(objects, ([key, { rv }]) => [key, rv]));
  const wrong: string[] = [];
  for (const [key, version] of there)
    if (reconciled.get(key) !== version)
      wrong.push(`${key} was not reconciled with all its objects`);
  for (const [key, saw] of reconciled)
    if (isGroup(key) && saw !== '' && !there.has(key))
      wrong.push(`${key} was not reconciled after the deletion of its last object`);
  return wrong;
}
