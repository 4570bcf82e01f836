import type { ServerResponse } from 'node:http';
import { StatusError } from '../status.ts';

/** Answers with JSON text. */
export function sendText(response: ServerResponse, code: number, text: string): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(code, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Answers with a value as JSON. */
export function sendJson(response: ServerResponse, code: number, value: unknown): void {
  sendText(response, code, `${JSON.stringify(value)}\n`);
}

/** Answers with plain text, as the health checks and unknown paths do. */
export function sendPlain(response: ServerResponse, code: number, text: string): void {
  if (response.headersSent) return;
  response.writeHead(code, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Answers with the Status of a failure; one that is not a Status becomes a 500. */
export function sendError(response: ServerResponse, failure: unknown): void {
  const error = failure instanceof StatusError ? failure : internalError(failure);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error.retryAfterSeconds !== undefined) {
    response.setHeader('retry-after', String(error.retryAfterSeconds));
  }
  sendJson(response, error.status.code, error.status);
}

function internalError(failure: unknown): StatusError {
  const text = failure instanceof Error ? failure.message : String(failure);
  return new StatusError({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${text}`,
    details: { causes: [{ message: text }] },
  });
}
