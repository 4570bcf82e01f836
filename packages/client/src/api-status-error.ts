import { knownReasons, reasonForCode, type Status, type StatusDetails } from './status.ts';

const brand = Symbol.for('@kubeloop/client/ApiStatusError');

/** What an {@link ApiStatusError} is made of. */
export interface ApiStatusErrorOptions {
  /** The server's status. A missing code counts as 500, a missing reason is derived from the code. */
  readonly status: Status;
  /** The error's message. Default: the status's own message, else its code and reason. */
  readonly message?: string | undefined;
  /** How long the server asked to wait, in milliseconds. Default: the status's `retryAfterSeconds`. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * The API server answered, and the answer is a failure.
 *
 * Use {@link ApiStatusError.is} or the predicates ({@link isNotFound} and its siblings) rather than
 * `instanceof`, which fails when two copies of this package are installed.
 */
export class ApiStatusError extends Error {
  /** `ApiStatusError`. */
  override readonly name: string = 'ApiStatusError';
  /** The HTTP code, such as 404. An `ERROR` event of a watch carries its code here as well. */
  readonly code: number;
  /** The failure for machines, such as `NotFound`; `Unknown` when the server gave none and the code implies none. */
  readonly reason: string;
  /** What the failure is about, as far as the server says. */
  readonly details: StatusDetails | undefined;
  /** The server's status as it came, or one made up from the HTTP code when the answer was none. */
  readonly status: Status;
  /** How long the server asked to wait before the next try, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /** Makes an error of a status, for tests and for `ERROR` events of a watch. */
  constructor(options: ApiStatusErrorOptions) {
    const { status } = options;
    const code = status.code ?? 500;
    const reason = status.reason || reasonForCode(code);
    super(options.message ?? (status.message || `The server answered ${code} ${reason}`));
    Object.defineProperty(this, brand, { value: true });
    this.code = code;
    this.reason = reason;
    this.details = status.details;
    this.status = status;
    const seconds = status.details?.retryAfterSeconds;
    this.retryAfterMs = options.retryAfterMs ?? (seconds ? seconds * 1000 : undefined);
  }

  /** Whether a value is such an error, from whichever copy of this package. */
  static is(value: unknown): value is ApiStatusError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** Reason and code of an error or status, whichever copy or library it comes from; nothing of other values. */
function reasonAndCode(value: unknown): { reason: string; code: number } {
  if (typeof value !== 'object' || value === null) return { reason: '', code: 0 };
  const code = 'code' in value && typeof value.code === 'number' ? value.code : 0;
  const reason = 'reason' in value && typeof value.reason === 'string' ? value.reason : '';
  return { reason: reason || (code === 0 ? '' : reasonForCode(code)), code };
}

function matches(value: unknown, wanted: string, wantedCode: number): boolean {
  const { reason, code } = reasonAndCode(value);
  return reason === wanted || (code === wantedCode && !knownReasons.has(reason));
}

/** Whether the object, or the resource itself, does not exist (404). */
export function isNotFound(error: unknown): boolean {
  return matches(error, 'NotFound', 404);
}

/** Whether the server does not serve the resource at all: a 404 that names no object, as for a CustomResourceDefinition that is not installed. */
export function isUnknownResource(error: unknown): boolean {
  if (!isNotFound(error) || !ApiStatusError.is(error)) return false;
  return !error.details?.name && !error.details?.kind;
}

/** Whether an object of that name exists already (409 AlreadyExists). */
export function isAlreadyExists(error: unknown): boolean {
  return reasonAndCode(error).reason === 'AlreadyExists';
}

/** Whether the object was changed by somebody else, or a precondition or a field manager stood in the way (409 Conflict). */
export function isConflict(error: unknown): boolean {
  return matches(error, 'Conflict', 409);
}

/** Whether the resourceVersion or continue token is too old (410, reasons Gone and Expired). */
export function isGone(error: unknown): boolean {
  return matches(error, 'Gone', 410) || isResourceExpired(error);
}

/** Whether the resourceVersion or continue token is too old and the server said `Expired`. */
export function isResourceExpired(error: unknown): boolean {
  return reasonAndCode(error).reason === 'Expired';
}

/** Whether the server asks for fewer requests (429). */
export function isTooManyRequests(error: unknown): boolean {
  return reasonAndCode(error).reason === 'TooManyRequests' || reasonAndCode(error).code === 429;
}

/** Whether the credentials were refused (401). */
export function isUnauthorized(error: unknown): boolean {
  return matches(error, 'Unauthorized', 401);
}

/** Whether the user may not do this (403). */
export function isForbidden(error: unknown): boolean {
  return matches(error, 'Forbidden', 403);
}

/** Whether the object breaks a rule of its schema or of admission (422). */
export function isInvalid(error: unknown): boolean {
  return matches(error, 'Invalid', 422);
}

/** Whether the request itself is malformed (400). */
export function isBadRequest(error: unknown): boolean {
  return matches(error, 'BadRequest', 400);
}

/** Whether the server failed (500 InternalError). */
export function isInternalError(error: unknown): boolean {
  return matches(error, 'InternalError', 500);
}

/** Whether the server cannot serve at present (503). */
export function isServiceUnavailable(error: unknown): boolean {
  return matches(error, 'ServiceUnavailable', 503);
}

/** Whether the server gave up waiting (504, reasons Timeout and ServerTimeout). */
export function isTimeout(error: unknown): boolean {
  return matches(error, 'Timeout', 504) || reasonAndCode(error).reason === 'ServerTimeout';
}
