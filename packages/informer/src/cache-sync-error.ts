import { messageOf } from './message-of.ts';

const brand = Symbol.for('@kubeloop/informer/CacheSyncError');

/** An informer that has not synced, and why. */
export interface UnsyncedInformer {
  /** The name of the informer. */
  readonly name: string;
  /** What went wrong last, in words; that nothing went wrong yet, if so. */
  readonly reason: string;
  /** What went wrong last at its source, if anything did. */
  readonly error?: unknown;
}

/** Thrown when caches did not fill in time. */
export class CacheSyncError extends Error {
  /** Always `CacheSyncError`. */
  override readonly name = 'CacheSyncError' as const;
  /** Who is missing. */
  readonly missing: readonly UnsyncedInformer[];

  /**
   * @param missing - who is missing, and why
   * @param options - how many were waited for, and what ended the wait
   */
  constructor(
    missing: readonly UnsyncedInformer[],
    options: { readonly total: number; readonly ended: string; readonly cause?: unknown },
  ) {
    const list = missing.map(({ name, reason }) => `"${name}" (${reason})`).join(', ');
    const { total, ended, cause } = options;
    super(
      `Cannot sync ${missing.length} of ${total} caches, ${ended}: ${list}`,
      cause === undefined ? {} : { cause },
    );
    this.missing = missing;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether a value is such an error, of this copy of the package or of another one. */
  static is(value: unknown): value is CacheSyncError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** Says in words what to do about a failure of a source. */
export function explain(error: unknown): string {
  const message = messageOf(error);
  for (let cause: unknown = error; isObject(cause); cause = Reflect.get(cause, 'cause')) {
    const code: unknown = Reflect.get(cause, 'code');
    const advice = adviceFor(code);
    if (advice === undefined) continue;
    // Errors of `@kubeloop/client` say themselves what to do about a kind that the server does not know.
    if (code === 404 && message.includes('does not know'))
      return `unknown to the server: ${message}`;
    return `${advice}: ${message}`;
  }
  return message;
}

function adviceFor(code: unknown): string | undefined {
  switch (code) {
    case 401:
      return 'not logged in';
    case 403:
      return 'forbidden; list and watch must be granted';
    case 404:
      return 'unknown to the server; is the CustomResourceDefinition installed?';
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
    case 'EAI_AGAIN':
      return `unreachable, ${code}`;
    default:
      return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
