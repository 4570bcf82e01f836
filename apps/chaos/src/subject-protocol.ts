/**
 * What the runner and a subject say to each other: one JSON object a line, whatever language the subject is written in.
 *
 * The runner starts the subject with one argument, the JSON text of a {@link SubjectConfig}, sends {@link SubjectCommand}s to
 * its standard input and reads {@link SubjectMessage}s from its standard output. Standard error is kept for failures.
 * After `stop` the subject closes everything, writes `stopped` and ends by itself with code 0, within ten seconds.
 */

/** A resource that the subject watches. */
export interface SubjectResource {
  /** API group; empty for the core group. */
  readonly group: string;
  /** API version, for example `v1`. */
  readonly version: string;
  /** The name in addresses; also the name under which events and stores speak of the resource. */
  readonly plural: string;
  /** The kind of one object. */
  readonly kind: string;
  /** Whether its objects live in namespaces; all do here. */
  readonly namespaced: boolean;
}

/** What a subject is started with, as JSON in its first argument. */
export interface SubjectConfig {
  /** Path of a kubeconfig: the server is the proxy, the authority a file, the user an `exec` that prints a token. */
  readonly kubeconfig: string;
  /** The resources to watch, in all namespaces. */
  readonly resources: readonly SubjectResource[];
  /** The plural of the resource whose objects a controller reconciles; absent for subjects without controllers. */
  readonly reconcile?: string | undefined;
  /** The plural of the resource whose objects lead to reconciles of their group (`fan-out.ts`); absent where none does. */
  readonly fanOut?: string | undefined;
  /**
   * `tuned`: backoffs and idle timeouts as short as the subject's public options allow, so that recovery fits between two
   * faults. `default`: as its users get it.
   */
  readonly settings: 'tuned' | 'default';
  /** Whether a subject that may speak HTTP/2 or HTTP/1.1 speaks HTTP/2; absent means HTTP/1.1. */
  readonly http2?: boolean | undefined;
}

/** Every resource has been listed once. */
export interface SyncedMessage {
  readonly type: 'synced';
}

/** A handler was called. */
export interface EventMessage {
  readonly type: 'event';
  /** Which of several handlers; absent where there is one. */
  readonly handler?: string | undefined;
  /** The resource's plural. */
  readonly resource: string;
  readonly op: 'add' | 'update' | 'delete';
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  /** The object's resourceVersion. */
  readonly rv: string;
  /** Whether the object is part of what a new handler is told first. */
  readonly initial?: boolean | undefined;
  /** Whether a deletion was concluded from a list, so that the object is the last known one. */
  readonly tombstone?: boolean | undefined;
  /** When, in milliseconds since 1970. */
  readonly t: number;
}

/** A reconcile has read the cache. */
export interface ReconcileMessage {
  readonly type: 'reconcile';
  readonly key: string;
  /** The resourceVersion it saw, or that of a group; empty when nothing was there. */
  readonly rv: string;
  readonly t: number;
}

/** The subject reported a failure to its user; no failure of the run. */
export interface ErrorMessage {
  readonly type: 'error';
  readonly message: string;
  readonly t?: number | undefined;
}

/** How much memory the subject has, in bytes. */
export interface MemoryMessage {
  readonly type: 'memory';
  /** Of the command that asked for it. */
  readonly id?: number | undefined;
  readonly rss: number;
  readonly heapUsed: number;
}

/** What the subject's caches hold: resourceVersions by key, by plural. */
export interface StoreMessage {
  readonly type: 'store';
  readonly id: number;
  readonly resources: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The subject has stopped everything and ends now; ours after half a second, so that it can be seen to have no connections. */
export interface StoppedMessage {
  readonly type: 'stopped';
  /** What keeps the process running; empty where the language cannot tell. */
  readonly activeResources: readonly string[];
  /** Whether it lives on for a moment. Default false. */
  readonly lingers?: boolean | undefined;
}

/** A line of the subject. */
export type SubjectMessage =
  | SyncedMessage
  | EventMessage
  | ReconcileMessage
  | ErrorMessage
  | MemoryMessage
  | StoreMessage
  | StoppedMessage;

/** A line of the runner: what do the caches hold; collect garbage and say how much memory is left; stop. */
export type SubjectCommand =
  | { readonly cmd: 'store'; readonly id: number }
  | { readonly cmd: 'gc'; readonly id: number }
  | { readonly cmd: 'stop' };

/** The custom resource of a run. */
export const gadgets: SubjectResource = {
  group: 'chaos.kubeloop.test',
  version: 'v1',
  plural: 'gadgets',
  kind: 'Gadget',
  namespaced: true,
};

/** The resources of a run: two built-in ones that no controller of a cluster touches, and the custom one. */
export const chaosResources: readonly SubjectResource[] = [
  { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true },
  { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true },
  gadgets,
];

/** Reads one line of a subject. Returns `undefined` for a line that is no message, as a runtime may print anything. */
export function parseMessage(line: string): SubjectMessage | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
    // The subjects are programs of this folder; what a field lacks shows as a failed audit.
    return value as SubjectMessage;
  } catch {
    return undefined;
  }
}
