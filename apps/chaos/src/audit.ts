import { setTimeout as sleep } from 'node:timers/promises';

import { compare, describeDifferences, isEqual } from './compare.ts';
import type { Differences, ServerObject, ServerState } from './compare.ts';
import type { HttpApi } from './http-api.ts';
import type { Recorder } from './recorder.ts';
import { collectionPath } from './resource-path.ts';
import type { StoreMessage, SubjectResource } from './subject-protocol.ts';

/** How long a subject may lag behind the server after a fault, in milliseconds. */
export const longestStalenessMs = 15_000;

/** What an audit looks at. */
export interface AuditOptions {
  readonly api: Pick<HttpApi, 'expect'>;
  readonly resources: readonly SubjectResource[];
  readonly reconcile?: string | undefined;
  readonly recorder: Recorder;
  /** Asks the subject for its caches. */
  readonly store: () => Promise<StoreMessage>;
  /** Whether the subject still runs; an audit of a dead one ends at once. */
  readonly isAlive: () => boolean;
  /** When the fault ended, by `performance.now()`. */
  readonly endedAt: number;
  /** How long after the end the subject must be equal. Default {@link longestStalenessMs}. */
  readonly limitMs?: number;
}

/** What an audit found. */
export interface AuditResult {
  /** Whether everything was equal in time and every call legal. */
  readonly isFine: boolean;
  /** How long after the end of the fault everything was equal; the limit when it never was. */
  readonly stalenessMs: number;
  /** What differed at the end. */
  readonly differences: Differences | undefined;
  /** Everything that is wrong, in words. */
  readonly problems: readonly string[];
}

/**
 * Compares the subject with a fresh list of the server until nothing differs, for a while. Nobody may write meanwhile.
 * The server is listed again now and then, because a request that a fault had held up may still arrive.
 */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  const { recorder, endedAt, limitMs = longestStalenessMs } = options;
  const violations: string[] = [];
  let differences: Differences | undefined;
  let trouble = '';
  let server: ServerState | undefined;
  for (let round = 0; ; round += 1) {
    try {
      if (server === undefined || round % 5 === 0) server = await listEverything(options);
      const { resources: store } = await options.store();
      differences = compare({ server, store, recorder, reconcile: options.reconcile });
      trouble = '';
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
      server = undefined;
    }
    violations.push(...recorder.takeViolations());
    const stalenessMs = Math.round(performance.now() - endedAt);
    const isSame = trouble === '' && differences !== undefined && isEqual(differences);
    if (isSame || stalenessMs > limitMs || !options.isAlive()) {
      const lacks = differences === undefined || isSame ? '' : describeDifferences(differences);
      const problems = [...violations.slice(0, 5), trouble, lacks].filter((text) => text !== '');
      return { isFine: isSame && problems.length === 0, stalenessMs, differences, problems };
    }
    await sleep(Math.min(250, 30 * (round + 1)));
  }
}

/** Lists all resources, one after another. */
export async function listEverything({
  api,
  resources,
}: Pick<AuditOptions, 'api' | 'resources'>): Promise<ServerState> {
  const state = new Map<string, ReadonlyMap<string, ServerObject>>();
  for (const resource of resources) {
    const list = await api.expect({ method: 'GET', path: collectionPath(resource) });
    state.set(resource.plural, objectsOf(list));
  }
  return state;
}

interface ListedObject {
  readonly metadata: {
    readonly namespace?: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
}

function objectsOf(list: unknown): ReadonlyMap<string, ServerObject> {
  // The API server's own answer to a list.
  const { items } = list as { readonly items: readonly ListedObject[] };
  return new Map(
    items.map(({ metadata }) => [
      `${metadata.namespace ?? ''}/${metadata.name}`,
      { uid: metadata.uid, rv: metadata.resourceVersion },
    ]),
  );
}
