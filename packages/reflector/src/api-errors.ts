import type { StatusLike } from './lister-watcher.ts';

/** Reads a property of anything. */
function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * The API server's Status behind an error, or `undefined` when there is none.
 *
 * Errors are known by their shape, because they may come from another copy of the client.
 */
export function statusOf(error: unknown): StatusLike | undefined {
  const status = property(error, 'status');
  const holder = typeof property(status, 'code') === 'number' ? status : error;
  const code = property(holder, 'code');
  if (typeof code !== 'number') return undefined;
  const reason = property(holder, 'reason');
  const message = property(holder, 'message');
  const details = property(holder, 'details');
  return {
    code,
    reason: typeof reason === 'string' ? reason : undefined,
    message: typeof message === 'string' ? message : undefined,
    // Only fields that are checked again where they are read are taken from it.
    details: typeof details === 'object' && details !== null ? details : undefined,
  };
}

function hasReason(error: unknown, reasons: readonly string[], code: number): boolean {
  const status = statusOf(error);
  if (!status) return false;
  if (status.reason !== undefined && status.reason !== '' && status.reason !== 'Unknown') {
    return reasons.includes(status.reason);
  }
  return status.code === code;
}

/** The version asked for is no longer known: 410, `Expired` or (up to Kubernetes 1.17) `Gone`. */
export function isExpired(error: unknown): boolean {
  return statusOf(error)?.code === 410 || hasReason(error, ['Expired', 'Gone'], 410);
}

/** The server asks for fewer requests: 429. */
export function isTooManyRequests(error: unknown): boolean {
  return statusOf(error)?.code === 429 || hasReason(error, ['TooManyRequests'], 429);
}

/** Something broke inside the server: reason `InternalError`. Other reasons of code 500 are not meant. */
export function isInternalError(error: unknown): boolean {
  return hasReason(error, ['InternalError'], 500);
}

/**
 * The server has not got as far as the version asked for. Three dialects: a cause with a reason of its own (now),
 * a cause with a message (1.17.0–1.18.5), a plain message (before 1.17).
 */
export function isTooLargeResourceVersion(error: unknown): boolean {
  const status = statusOf(error);
  if (!status) return false;
  const listed = property(status.details, 'causes');
  const causes: readonly unknown[] = Array.isArray(listed) ? listed : [];
  if (causes.some((cause) => property(cause, 'reason') === 'ResourceVersionTooLarge')) return true;
  if (!hasReason(error, ['Timeout'], 504)) return false;
  const text = 'Too large resource version';
  if (causes.some((cause) => property(cause, 'message') === text)) return true;
  return status.message?.includes(text) ?? false;
}

/**
 * The server does not know streaming lists and says so. Without the feature it calls the request invalid (422);
 * aggregated servers and proxies say bad request, not allowed, not acceptable or not implemented.
 */
export function isStreamingRefused(error: unknown): boolean {
  const code = statusOf(error)?.code;
  return code !== undefined && [400, 405, 406, 415, 422, 501].includes(code);
}

/** Who asks is unknown (401) or may not do it (403), or the server does not know what is asked for (404). */
export function isDenied(error: unknown): boolean {
  const code = statusOf(error)?.code;
  return code === 401 || code === 403 || code === 404;
}

/** Who asks is unknown (401) or may not do it (403). */
export function isRefused(error: unknown): boolean {
  const code = statusOf(error)?.code;
  return code === 401 || code === 403;
}

/** How long the server wants to be left alone, or 0 when it does not say. */
export function retryAfterMs(error: unknown): number {
  const own = property(error, 'retryAfterMs');
  if (typeof own === 'number' && own > 0 && Number.isFinite(own)) return own;
  const seconds = property(statusOf(error)?.details, 'retryAfterSeconds');
  return typeof seconds === 'number' && seconds > 0 && Number.isFinite(seconds)
    ? seconds * 1000
    : 0;
}

/**
 * The server cannot answer now and says when to come again: 5xx with Retry-After. It says nothing against what was asked
 * for, unless that was a version which is too large. An ERROR event has no headers, so it is never meant.
 * Source: client-go's `rest/with_retry.go`.
 */
export function isPutOff(error: unknown): boolean {
  const code = statusOf(error)?.code ?? 0;
  const hasHeader = typeof property(error, 'retryAfterMs') === 'number';
  return code >= 500 && hasHeader && !isTooLargeResourceVersion(error);
}
