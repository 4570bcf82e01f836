import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';

/** Where to send requests, and as whom. */
export interface Api {
  readonly server: string;
  readonly ca: string;
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** An answer whose body was JSON, or text that was not. */
export interface Answer {
  readonly status: number | undefined;
  readonly body: unknown;
}

/** One request, with the server's certificate checked. */
export async function call(
  api: Api,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const response = await send(api, method, path, body);
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const isJson = response.headers['content-type']?.startsWith('application/json') === true;
  return { status: response.statusCode, body: isJson ? JSON.parse(text) : text };
}

/** The first events of a watch, as they were sent. */
export async function watch(api: Api, path: string, count: number): Promise<unknown[]> {
  const response = await send(api, 'GET', path, undefined);
  const events: unknown[] = [];
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    events.push(...lines.map((line): unknown => JSON.parse(line)));
    if (events.length >= count) break;
  }
  response.destroy();
  return events;
}

/** Creates a namespace and returns its name. */
export async function makeNamespace(api: Api, prefix: string): Promise<string> {
  const answer = await call(api, 'POST', '/api/v1/namespaces', {
    metadata: { generateName: `${prefix}-` },
  });
  return read(answer.body, 'metadata', 'name');
}

/** The resourceVersion of a list of all config maps. */
export async function presentVersion(api: Api): Promise<string> {
  return read((await call(api, 'GET', '/api/v1/configmaps')).body, 'metadata', 'resourceVersion');
}

/** The string at a path inside parsed JSON. */
export function read(value: unknown, ...path: readonly string[]): string {
  let found: unknown = value;
  for (const name of path) {
    found =
      typeof found === 'object' && found !== null
        ? Object.entries(found).find(([key]) => key === name)?.[1]
        : undefined;
  }
  if (typeof found !== 'string')
    throw new Error(`No string at ${path.join('.')} of ${JSON.stringify(value)}`);
  return found;
}

/** How many items a list has. */
export async function countItems(api: Api, path: string): Promise<number> {
  const { body } = await call(api, 'GET', path);
  if (
    typeof body !== 'object' ||
    body === null ||
    !('items' in body) ||
    !Array.isArray(body.items)
  ) {
    throw new Error(`No list at ${path}: ${JSON.stringify(body)}`);
  }
  return body.items.length;
}

async function send(
  api: Api,
  method: string,
  path: string,
  body: unknown,
): Promise<IncomingMessage> {
  const { server, token, ca, cert, key } = api;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpsRequest(
    `${server}${path}`,
    {
      method,
      ca,
      cert,
      key,
      agent: false,
      timeout: 5000,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    },
    (response) => {
      response.setEncoding('utf8');
      resolve(response);
    },
  );
  request.once('timeout', () =>
    request.destroy(new Error(`No answer to ${method} ${path} after 5 s`)),
  );
  request.once('error', reject);
  request.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
