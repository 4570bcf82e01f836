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
  readonly fanOut?: string | undefined;
  readonly recorder: Recorder;
  /** Asks the subject for its caches. */
  readonly store: () => Promise<StoreMessage>;
  /** Whether the subject still runs; an audit of a dead one ends at once. */
  readonly isAlive: () => boolean;
  /** When the fault ended, by `performance.now()`. */
  readonly endedAt: number;
  /** How long after the end the subject must be equal. Default {@link longestStalenessMs}. */
  readonly limitMs?: number;
  /** For how long after that to go on looking whether it is only late. Default 0. */
  readonly patienceMs?: number;
}

/** What an audit found. */
export interface AuditResult {
  /** Whether everything was equal in time and every call legal. */
  readonly isFine: boolean;
  /** How long after the end of the fault everything was equal; the end of the audit when it never was. */
  readonly stalenessMs: number;
  /** Whether everything was equal in the end, but too late. */
  readonly isLate: boolean;
  /** What differed when the time was over. */
  readonly differences: Differences | undefined;
  /** Everything that is wrong, in words. */
  readonly problems: readonly string[];
}

/**
 * Compares the subject with a fresh list of the server until nothing differs, for a while. Nobody may write meanwhile.
 * The server is listed again now and then, because a request that a fault had held up may still arrive.
 */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  const { endedAt, limitMs = longestStalenessMs, patienceMs = 0 } = options;
  const violations: string[] = [];
  let verdict: AuditResult | undefined;
  let server: ServerState | undefined;
  for (let round = 0; ; round += 1) {
    const look = await lookAt(options, round % 5 === 0 ? undefined : server);
    server = look.server;
    violations.push(...options.recorder.takeViolations());
    const stalenessMs = Math.round(performance.now() - endedAt);
    const isSame = look.differences !== undefined && isEqual(look.differences);
    if (isSame || stalenessMs > limitMs || !options.isAlive()) {
      verdict ??= verdictOf(look, { violations, stalenessMs, limitMs, isSame });
      if (isSame || !options.isAlive() || stalenessMs > limitMs + patienceMs)
        return { ...verdict, stalenessMs, isLate: isSame && stalenessMs > limitMs };
    }
    await sleep(Math.min(250, 30 * (round + 1)));
  }
}

/** One look at server and subject. */
interface Look {
  readonly server: ServerState | undefined;
  readonly differences: Differences | undefined;
  /** Why there is nothing to compare. */
  readonly trouble: string;
}

async function lookAt(options: AuditOptions, known: ServerState | undefined): Promise<Look> {
  const { recorder, reconcile, fanOut } = options;
  try {
    const server = known ?? (await listEverything(options));
    const { resources: store } = await options.store();
    const differences = compare({ server, store, recorder, reconcile, fanOut });
    return { server, differences, trouble: '' };
  } catch (error) {
    const trouble = error instanceof Error ? error.message : String(error);
    return { server: undefined, differences: undefined, trouble };
  }
}

function verdictOf(
  { differences, trouble }: Look,
  found: {
    readonly violations: readonly string[];
    readonly stalenessMs: number;
    readonly limitMs: number;
    readonly isSame: boolean;
  },
): AuditResult {
  const { violations, stalenessMs, limitMs, isSame } = found;
  const lacks = differences === undefined || isSame ? '' : describeDifferences(differences);
  const late = isSame && stalenessMs > limitMs ? `equal after ${stalenessMs} ms only` : '';
  const problems = [...violations.slice(0, 5), trouble, lacks, late].filter((text) => text !== '');
  return { isFine: problems.length === 0, stalenessMs, isLate: false, differences, problems };
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
