import { badRequest, fieldError, invalid, unreasoned, type StatusCause } from '../status.ts';

/** The options of a list or watch, checked. */
export interface ListOptions {
  readonly watch: boolean;
  readonly limit: number;
  readonly continueToken: string;
  /** `undefined` when none was given, which for a list means the newest. */
  readonly resourceVersion: bigint | undefined;
  readonly match: '' | 'Exact' | 'NotOlderThan';
  readonly sendInitialEvents: boolean | undefined;
  readonly allowWatchBookmarks: boolean;
  /** 0 for the server's own choice. */
  readonly timeoutSeconds: number;
}

/**
 * Reads and checks list options as the real server does.
 *
 * @param watchList - whether `sendInitialEvents` is allowed
 * @throws StatusError 400 or 422
 */
export function listOptions(query: URLSearchParams, watchList: boolean): ListOptions {
  const watch = flag(query, 'watch') ?? false;
  const sendInitialEvents = flag(query, 'sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  const causes = watch
    ? watchProblems(query, { match, sendInitialEvents, watchList })
    : listProblems(query, match, sendInitialEvents);
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', name: 'ListOptions' }, '', causes);
  return {
    watch,
    limit: count(query, 'limit'),
    continueToken: query.get('continue') ?? '',
    resourceVersion: listVersion(query.get('resourceVersion') ?? '', watch),
    match: match === 'Exact' || match === 'NotOlderThan' ? match : '',
    sendInitialEvents,
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks') ?? false,
    timeoutSeconds: count(query, 'timeoutSeconds'),
  };
}

/**
 * Reads a resourceVersion; `undefined` for none.
 *
 * @throws StatusError 400
 */
export function version(text: string): bigint | undefined {
  if (text === '') return undefined;
  if (/^\d+$/.test(text)) return BigInt(text);
  throw badRequest(
    `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

/** @throws StatusError 400 for a list, 500 for a watch, as the real server answers */
function listVersion(text: string, watch: boolean): bigint | undefined {
  try {
    return version(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw watch ? unreasoned(message) : badRequest(`invalid resource version: ${message}`);
  }
}

function flag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  return text !== 'false' && text !== '0';
}

function count(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (text === '') return 0;
  if (!/^-?\d+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Math.max(0, Number(text));
}

const MATCH = 'resourceVersionMatch';

function listProblems(
  query: URLSearchParams,
  match: string,
  sendInitialEvents: boolean | undefined,
): StatusCause[] {
  const causes: StatusCause[] = [];
  const wanted = query.get('resourceVersion') ?? '';
  if (match !== '') {
    if (wanted === '') {
      causes.push(
        fieldError.forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`),
      );
    }
    if ((query.get('continue') ?? '') !== '') {
      causes.push(fieldError.forbidden(MATCH, `${MATCH} is forbidden when continue is provided`));
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      causes.push(fieldError.notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && wanted === '0') {
      causes.push(
        fieldError.forbidden(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`),
      );
    }
  }
  if (sendInitialEvents !== undefined) {
    causes.push(
      fieldError.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'),
    );
  }
  return causes;
}

interface WatchParts {
  readonly match: string;
  readonly sendInitialEvents: boolean | undefined;
  readonly watchList: boolean;
}

function watchProblems(query: URLSearchParams, parts: WatchParts): StatusCause[] {
  const { match, sendInitialEvents, watchList } = parts;
  const causes: StatusCause[] = [];
  if (sendInitialEvents !== undefined) {
    if (match !== 'NotOlderThan') {
      causes.push(
        fieldError.forbidden(MATCH, `sendInitialEvents requires setting ${MATCH} to NotOlderThan`),
      );
    }
    if (!watchList) {
      causes.push(
        fieldError.forbidden(
          'sendInitialEvents',
          'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
        ),
      );
    }
  }
  if (match === '') return causes;
  if (sendInitialEvents === undefined) {
    causes.push(
      fieldError.forbidden(
        MATCH,
        `${MATCH} is forbidden for watch unless sendInitialEvents is provided`,
      ),
    );
  }
  if (match !== 'NotOlderThan') {
    causes.push(fieldError.notSupported(MATCH, match, ['NotOlderThan']));
  }
  if ((query.get('continue') ?? '') !== '') {
    causes.push(fieldError.forbidden(MATCH, `${MATCH} is forbidden when continue is provided`));
  }
  return causes;
}
