import type { PoolRequest, PoolTarget } from './transport.ts';

/** What comes before the body of a request. */
export interface RequestHead {
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/** Whether requests go to a proxy that passes them on, since there is nothing to encrypt between this client and the server. */
export function isForwarded({ origin, proxyUrl }: PoolTarget): boolean {
  return proxyUrl !== undefined && origin.startsWith('http:') && /^https?:/.test(proxyUrl);
}

/** The path and headers of a request, as the server or the proxy in front of it expects them. */
export function headOf(target: PoolTarget, request: PoolRequest): RequestHead {
  const { method, body } = request;
  const headers = ['host', target.origin.replace(/^.*\/\//, '')];
  for (const [name, value] of Object.entries(request.headers)) headers.push(name, value);
  if (body !== undefined) headers.push('content-length', String(Buffer.byteLength(body)));
  else if (method === 'POST' || method === 'PUT' || method === 'PATCH')
    headers.push('content-length', '0');
  if (!isForwarded(target)) return { path: request.path, headers };
  const credentials = proxyCredentials(new URL(target.proxyUrl ?? ''));
  if (credentials !== undefined) headers.push('proxy-authorization', credentials);
  return { path: target.origin + request.path, headers };
}

/** What the user and password in the URL of a proxy are sent as. */
export function proxyCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
