const brand = Symbol.for('@kubeloop/controller/ConsistencyTimeoutError');

/** What a cache has not shown in time. */
export interface MissingWrites {
  /** The resource, as in `configmaps` or `webapps.example.com`. */
  readonly resource: string;
  /** The version that the cache has reached; empty before its first list. */
  readonly cacheVersion: string;
  /** The version of the own write that is waited for; `undefined` when only deletions are. */
  readonly version: string | undefined;
  /** The uids of own deletions that are waited for. */
  readonly deletedUids: readonly string[];
}

/** A cache did not show this process's own writes in time. Try again later, as a controller does by itself. */
export class ConsistencyTimeoutError extends Error {
  /** The name of the class. */
  override readonly name: string = 'ConsistencyTimeoutError';
  /** What was waited for. */
  readonly missing: readonly MissingWrites[];

  /**
   * @param action - what could not be done
   * @param timeoutMs - how long was waited
   * @param missing - what was waited for
   */
  constructor(action: string, timeoutMs: number, missing: readonly MissingWrites[]) {
    const reasons = missing.length === 0 ? '; a write is still under way' : missing.map(inWords);
    super(
      `Cannot ${action}: own writes did not show in the cache within ${timeoutMs} ms${[reasons].flat().join('')}`,
    );
    this.missing = missing;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether a value is such an error, whichever copy of this package made it. */
  static is(value: unknown): value is ConsistencyTimeoutError {
    return value instanceof Error && brand in value;
  }
}

function inWords({ resource, cacheVersion, version, deletedUids }: MissingWrites): string {
  const at = cacheVersion === '' ? 'empty' : `at version ${cacheVersion}`;
  if (version === undefined && deletedUids.length === 0) return '';
  const awaited = [
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(deletedUids.length === 0 ? [] : [`the deletion of ${deletedUids.join(', ')}`]),
  ];
  return `; that of ${resource} is ${at} and lacks ${awaited.join(' and ')}`;
}
