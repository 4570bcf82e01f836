import { ApiStatusError } from './api-status-error.ts';
import { excerpt } from './answer.ts';
import { describeAction, type Action } from './failure.ts';
import type { Status } from './status.ts';

/** What an answer was asked for. */
export interface Expectation {
  readonly action: Action;
  /** The server's URL. */
  readonly server: string;
  /** The kinds that the answer may be. */
  readonly kinds: readonly string[];
}

/**
 * Refuses an answer that says success and is something else than was asked for: proxies, portals and servers of other
 * kinds answer any path with 200. An answer without a kind is taken when it has metadata.
 *
 * @throws ApiStatusError for a Status that is a failure, Error for everything else
 */
export function expectObject(value: unknown, expectation: Expectation): object {
  const { kinds } = expectation;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  // Members are looked at as unknown.
  const { kind, metadata } = (isObject ? value : {}) as { kind?: unknown; metadata?: unknown };
  if (isObject) {
    refuseFailure(value, expectation);
    const hasMetadata = typeof metadata === 'object' && metadata !== null;
    if (kind === undefined ? hasMetadata : kinds.some((wanted) => wanted === kind)) return value;
  }
  const { action, server } = expectation;
  const what = kind === undefined ? excerpt(JSON.stringify(value)) : JSON.stringify(kind);
  throw new Error(
    `Cannot ${describeAction(action)}: server ${server} answered with ${what} instead of ${kinds.join(' or ')}, so this may be no API server`,
  );
}

/** A failure is one also below a code that says success. @throws ApiStatusError */
export function refuseFailure(
  value: object,
  { action, server }: Pick<Expectation, 'action' | 'server'>,
): void {
  // Members are looked at before they are trusted.
  const status = value as Status;
  if (status.kind !== 'Status' || status.status !== 'Failure') return;
  const said = status.message || 'no reason';
  throw new ApiStatusError({
    status,
    message: `Cannot ${describeAction(action)}: server ${server} answered with a failure: ${said} (${status.code} ${status.reason})`,
  });
}
