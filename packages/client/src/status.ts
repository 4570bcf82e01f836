/** One cause of a failure, such as one invalid field. */
export interface StatusCause {
  /** A machine-readable cause, such as `FieldValueInvalid`. */
  readonly reason?: string | undefined;
  /** The cause in words. */
  readonly message?: string | undefined;
  /** The field at fault, such as `spec.replicas`. */
  readonly field?: string | undefined;
}

/** What a {@link Status} is about. */
export interface StatusDetails {
  /** The object's name. */
  readonly name?: string | undefined;
  /** The API group. */
  readonly group?: string | undefined;
  /** The resource or kind. */
  readonly kind?: string | undefined;
  /** The object's uid. */
  readonly uid?: string | undefined;
  /** The causes one by one. */
  readonly causes?: readonly StatusCause[] | undefined;
  /** How many seconds the server asks callers to wait before the next try. */
  readonly retryAfterSeconds?: number | undefined;
}

/** The API server's own description of a failure (or of a deletion that succeeded): `meta/v1` Status. */
export interface Status {
  /** Always `Status` when the server says it. */
  readonly kind?: 'Status' | undefined;
  /** `v1`. */
  readonly apiVersion?: string | undefined;
  /** `Success` or `Failure`. */
  readonly status?: string | undefined;
  /** The failure in words. */
  readonly message?: string | undefined;
  /** The failure for machines, such as `NotFound`. */
  readonly reason?: string | undefined;
  /** The HTTP code. */
  readonly code?: number | undefined;
  /** What the failure is about. */
  readonly details?: StatusDetails | undefined;
}

/** What each HTTP code means when the answer does not say so itself; the words are those of apimachinery's `NewGenericServerResponse`. */
const reasons: ReadonlyMap<number, string> = new Map([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'MethodNotAllowed'],
  [406, 'NotAcceptable'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [413, 'RequestEntityTooLarge'],
  [415, 'UnsupportedMediaType'],
  [422, 'Invalid'],
  [429, 'TooManyRequests'],
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
  [504, 'Timeout'],
]);

/** The reason that belongs to an HTTP code, `Unknown` when there is none. */
export function reasonForCode(code: number): string {
  return reasons.get(code) ?? 'Unknown';
}

/** The reasons that the API server uses; any other lets the code decide, as in apimachinery's `errors.go`. */
export const knownReasons: ReadonlySet<string> = new Set([
  ...reasons.values(),
  'AlreadyExists',
  'Expired',
  'ServerTimeout',
  'StoreReadError',
]);
