import type { JsonObject } from './json.ts';

/** One entry of `details.causes` of a Status. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** Names the resource an error is about, as `details.group` and `details.kind` do. */
export interface GroupAndName {
  readonly group: string;
  /** The plural for most errors, the kind for `Invalid`. */
  readonly name: string;
}

/** A request that failed, carrying the Status to answer with. */
export class StatusError extends Error {
  readonly status: JsonObject & { code: number };
  readonly retryAfterSeconds: number | undefined;

  constructor(options: {
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly details?: JsonObject;
    readonly metadata?: JsonObject;
    readonly retryAfterSeconds?: number;
  }) {
    super(options.message);
    this.name = 'StatusError';
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: options.metadata ?? {},
      status: 'Failure',
      message: options.message,
      ...(options.reason === '' ? {} : { reason: options.reason }),
      ...(options.details === undefined ? {} : { details: options.details }),
      code: options.code,
    };
  }
}

/** `pods` or `deployments.apps`. */
export function qualified(resource: GroupAndName): string {
  return resource.group === '' ? resource.name : `${resource.name}.${resource.group}`;
}

function details(resource: GroupAndName, name: string): JsonObject {
  return {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    ...(resource.name === '' ? {} : { kind: resource.name }),
  };
}

/** 404 of an object that does not exist. */
export function notFound(resource: GroupAndName, name: string): StatusError {
  const message = `${qualified(resource)} "${name}" not found`;
  return new StatusError({
    code: 404,
    reason: 'NotFound',
    message,
    details: details(resource, name),
  });
}

/** 404 of a path inside a served group that names no resource. */
export function noSuchResource(): StatusError {
  const message = 'the server could not find the requested resource';
  return new StatusError({ code: 404, reason: 'NotFound', message, details: {} });
}

/** 405 of a method that the path does not take. */
export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError({ code: 405, reason: 'MethodNotAllowed', message, details: {} });
}

/** 409 of a create whose name is taken, perhaps by an object that waits for its end. */
export function alreadyExists(resource: GroupAndName, name: string, ending = false): StatusError {
  const message = `${ending ? 'object is being deleted: ' : ''}${qualified(resource)} "${name}" already exists`;
  return new StatusError({
    code: 409,
    reason: 'AlreadyExists',
    message,
    details: details(resource, name),
  });
}

/** 409 of a write that lost against another one or failed a precondition. */
export function conflict(resource: GroupAndName, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`;
  return new StatusError({
    code: 409,
    reason: 'Conflict',
    message,
    details: details(resource, name),
  });
}

/** The reason that {@link conflict} gives for a stale resourceVersion. */
export const OBJECT_MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

/** 400. */
export function badRequest(message: string): StatusError {
  return new StatusError({ code: 400, reason: 'BadRequest', message });
}

/** 403 from admission. */
export function forbidden(
  resource: GroupAndName,
  name: string,
  why: string,
  causes: readonly StatusCause[] = [],
): StatusError {
  const list = causes.map((cause) => ({ ...cause }));
  return new StatusError({
    code: 403,
    reason: 'Forbidden',
    message:
      name === ''
        ? `${qualified(resource)} is forbidden: ${why}`
        : `${qualified(resource)} "${name}" is forbidden: ${why}`,
    details: { ...details(resource, name), ...(list.length === 0 ? {} : { causes: list }) },
  });
}

/** 422 with one cause per field error. */
export function invalid(
  kind: GroupAndName,
  name: string,
  causes: readonly StatusCause[],
): StatusError {
  const lines = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))];
  const text = lines.length === 1 ? lines.join('') : `[${lines.join(', ')}]`;
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: `${qualified(kind)} "${name}" is invalid: ${text}`,
    details: { ...details(kind, name), causes: causes.map((cause) => ({ ...cause })) },
  });
}

/** 422 of a patch whose outcome is not of the resource's form. */
export function invalidPatch(patch: unknown, why: string): StatusError {
  const cause = fieldError.invalid('patch', JSON.stringify(patch), why);
  return invalid({ group: '', name: '' }, '', [cause]);
}

/** 422 of a patch that does not fit the object. */
export function unprocessable(): StatusError {
  const message = 'the server rejected our request due to an error in our request';
  return new StatusError({ code: 422, reason: 'Invalid', message, details: {} });
}

/** 410 of a version that is no longer kept. */
export function expired(message: string, continueToken?: string): StatusError {
  return new StatusError({
    code: 410,
    reason: 'Expired',
    message,
    ...(continueToken === undefined ? {} : { metadata: { continue: continueToken } }),
  });
}

/** 504 of a version that the server has not reached. */
export function tooLargeResourceVersion(requested: bigint, current: number): StatusError {
  return new StatusError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${requested}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
    retryAfterSeconds: 1,
  });
}

/** 500 as the real server gives it for failures without a reason of their own. */
export function unreasoned(message: string): StatusError {
  return new StatusError({ code: 500, reason: '', message });
}

/** 413. */
export function tooLarge(limit: number): StatusError {
  const message = `Request entity too large: limit is ${limit}`;
  return new StatusError({ code: 413, reason: 'RequestEntityTooLarge', message });
}

/** 415 of a body that is no object this server reads. */
export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const list = accepted.join(', ');
  const message = `the body of the request was in an unknown format - accepted media types include: ${list}`;
  return new StatusError({ code: 415, reason: 'UnsupportedMediaType', message });
}

/** 415 of a patch. */
export function unsupportedPatch(): StatusError {
  const message = '415: Unsupported Media Type';
  return new StatusError({ code: 415, reason: 'UnsupportedMediaType', message, details: {} });
}

/** 406, listing what the server can answer. */
export function notAcceptable(accepted: readonly string[]): StatusError {
  const message = `406: Not Acceptable\n\nAvailable representations: ${accepted.join(', ')}`;
  return new StatusError({ code: 406, reason: 'NotAcceptable', message, details: {} });
}

/** 401. */
export function unauthorized(): StatusError {
  return new StatusError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

/** Causes of {@link invalid}, with the wording of the real field package. */
export const fieldError = {
  required: (field: string, detail = ''): StatusCause => ({
    reason: 'FieldValueRequired',
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
    field,
  }),
  invalid: (field: string, value: unknown, detail: string): StatusCause => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${show(value)}: ${detail}`,
    field,
  }),
  typeInvalid: (field: string, value: unknown, detail: string): StatusCause => ({
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: ${show(value)}: ${detail}`,
    field,
  }),
  notSupported: (field: string, value: unknown, supported: readonly unknown[]): StatusCause => ({
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${show(value)}: supported values: ${supported.map(show).join(', ')}`,
    field,
  }),
  forbidden: (field: string, detail: string): StatusCause => ({
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${detail}`,
    field,
  }),
  duplicate: (field: string, value: unknown): StatusCause => ({
    reason: 'FieldValueDuplicate',
    message: `Duplicate value: ${show(value)}`,
    field,
  }),
  tooLong: (field: string, max: number): StatusCause => ({
    reason: 'FieldValueTooLong',
    message: `Too long: may not be more than ${max} bytes`,
    field,
  }),
  tooMany: (field: string, count: number, max: number): StatusCause => ({
    reason: 'FieldValueTooMany',
    message: `Too many: ${count}: must have at most ${max} items`,
    field,
  }),
};

function show(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}
