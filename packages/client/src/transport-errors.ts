/** An error with the code that Node gives for the same: callers tell failures apart by it. */
export class CodedError extends Error {
  readonly code: string;

  constructor(message: string, code: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** A request that the server has not acted on, so that it can be sent again whatever its method. */
export class UnprocessedError extends CodedError {}

/** What the server or the way to it broke off. */
export function brokenOff(what: string, cause?: unknown): Error {
  return new CodedError(what, 'ECONNRESET', cause);
}

/** The server did not begin its answer in time. */
export function lateHeaders(timeoutMs: number): Error {
  return new CodedError(`no answer came within ${timeoutMs} ms`, 'ETIMEDOUT');
}

/** The server fell silent within its answer. */
export function lateBody(timeoutMs: number): Error {
  return new CodedError(`nothing more of the answer came within ${timeoutMs} ms`, 'ETIMEDOUT');
}

/** The answer was not complete in time, however often some of it came. */
export function lateEnd(timeoutMs: number): Error {
  return new CodedError(`it was not complete within ${timeoutMs} ms`, 'ETIMEDOUT');
}

/** The handshakes took too long. */
export function lateHandshake(timeoutMs: number): Error {
  return new CodedError(`the connection was not ready within ${timeoutMs} ms`, 'ETIMEDOUT');
}

/** A connection that is open on this side only. */
export class LostConnectionError extends CodedError {}

/** The connection is open on this side only. */
export function noPong(timeoutMs: number): Error {
  return new LostConnectionError(
    `the server did not answer a ping within ${timeoutMs} ms`,
    'ETIMEDOUT',
  );
}
