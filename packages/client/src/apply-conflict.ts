import { ApiStatusError, isConflict } from './api-status-error.ts';
import type { StatusCause } from './status.ts';

/** A field that an apply wanted to change and somebody else owns. */
export interface ApplyConflict {
  /** The field manager that owns it, such as `kubectl`. */
  readonly manager: string;
  /** The field, such as `.spec.template.spec.containers[name="web"].image`. */
  readonly field: string;
  /** The subresource through which the manager wrote the field, such as `status`; `undefined` for the object itself. */
  readonly subresource: string | undefined;
  /** How the manager wrote it: by an apply, or by any other write. */
  readonly operation: 'Apply' | 'Update';
  /** The API version of an `Update`, such as `apps/v1`. */
  readonly apiVersion: string | undefined;
  /** When an `Update` was, as RFC 3339 text. */
  readonly time: string | undefined;
  /** The words of the server. */
  readonly message: string;
}

/** The reason of a cause, `CauseTypeFieldManagerConflict` of apimachinery. */
const causeReason = 'FieldManagerConflict';

/** The words of `printManager` in apimachinery's `managedfields/internal/conflict.go`, where names are quoted as in Go. */
const words =
  /^conflict with (?<manager>"(?:[^"\\]|\\.)*")(?: with subresource (?<subresource>"(?:[^"\\]|\\.)*"))?(?: using (?<apiVersion>\S+)(?: at (?<time>\S+))?)?$/;

/**
 * Whether a server-side apply failed because other managers own fields that it would change (409 Conflict with the
 * fields as causes). The same apply fails again until it is forced, leaves the fields out, or agrees with their values.
 */
export function isApplyConflict(error: unknown): error is ApiStatusError {
  return applyConflicts(error).length > 0;
}

/** Each field that stood in the way of an apply, with its manager; none for any other error. */
export function applyConflicts(error: unknown): readonly ApplyConflict[] {
  if (!ApiStatusError.is(error) || !isConflict(error)) return [];
  const causes = error.details?.causes ?? [];
  return causes.filter(({ reason }) => reason === causeReason).map(conflictOf);
}

function conflictOf({ field = '', message = '' }: StatusCause): ApplyConflict {
  const { manager, subresource, apiVersion, time } = words.exec(message)?.groups ?? {};
  return {
    // Words that nobody knows are better than none.
    manager: manager === undefined ? message : unquoted(manager),
    field,
    subresource: subresource === undefined ? undefined : unquoted(subresource),
    operation: apiVersion === undefined ? 'Apply' : 'Update',
    apiVersion,
    time,
    message,
  };
}

/** Go's quotes are those of JSON but for bytes and rare characters, which then stay as they are. */
function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}
