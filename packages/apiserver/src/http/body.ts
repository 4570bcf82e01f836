import type { IncomingMessage } from 'node:http';
import type { JsonValue } from '../json.ts';
import { badRequest, tooLarge, unsupportedMediaType } from '../status.ts';

/** The limit of the real server. */
export const MAX_BODY_BYTES: number = 3 * 1024 * 1024;

/**
 * Reads a whole request body.
 *
 * @throws StatusError 413 when it is longer than the limit
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer; // no encoding is set on the stream
    length += bytes.length;
    // The rest is read and dropped, so that the answer reaches the client.
    if (length <= MAX_BODY_BYTES) chunks.push(bytes);
  }
  if (length > MAX_BODY_BYTES) throw tooLarge(MAX_BODY_BYTES);
  return Buffer.concat(chunks);
}

/** The media type of a request body, without parameters; JSON when none is given. */
export function mediaType(request: IncomingMessage): string {
  const header = request.headers['content-type'] ?? 'application/json';
  return (header.split(';')[0] ?? '').trim().toLowerCase();
}

/**
 * Parses a body that holds an object or delete options.
 *
 * @throws StatusError 400 for what is not JSON, 415 for another media type
 */
export function parseObject(bytes: Buffer, type: string, kind: string): JsonValue {
  if (type !== 'application/json') {
    throw unsupportedMediaType(['application/json']);
  }
  try {
    return parseText(bytes);
  } catch (error) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${reasonOf(error)}`,
    );
  }
}

/**
 * Parses a patch.
 *
 * @throws StatusError 400
 */
export function parsePatch(bytes: Buffer): JsonValue {
  try {
    return parseText(bytes);
  } catch (error) {
    throw badRequest(`error decoding patch: ${reasonOf(error)}`);
  }
}

/**
 * Parses an applied configuration, of which only the JSON part of YAML is read.
 *
 * @throws StatusError 400
 */
export function parseConfiguration(bytes: Buffer): JsonValue {
  try {
    return parseText(bytes);
  } catch (error) {
    throw badRequest(
      `error decoding YAML: this server reads JSON only, send the configuration as JSON: ${reasonOf(error)}`,
    );
  }
}

function parseText(bytes: Buffer): JsonValue {
  const value: JsonValue = JSON.parse(bytes.toString());
  return value;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
