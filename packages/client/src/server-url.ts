/** Where a cluster is. */
export interface ServerUrl {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The path before every request's, without a slash at its end; mostly empty. */
  readonly basePath: string;
  /** Both together, for messages. */
  readonly text: string;
}

/**
 * Reads the URL of a server.
 *
 * @throws TypeError when it is not an `https:` URL, or an `http:` one that skipTLSVerify allows
 */
export function parseServerUrl(server: unknown, skipTLSVerify: boolean): ServerUrl {
  if (server === undefined)
    throw new TypeError('Cannot reach a cluster: give the URL of its server, or a kubeConfig');
  const shown = typeof server === 'string' ? withoutSecrets(server) : server;
  if (typeof server !== 'string' || typeof shown !== 'string' || !URL.canParse(server))
    throw new TypeError(`Cannot use server ${JSON.stringify(shown)}: it is not a URL`);
  const url = new URL(server);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new TypeError(`Cannot use server "${shown}": the scheme must be https or http`);
  if (url.username || url.password)
    throw new TypeError(
      `Cannot use server "${url.origin}": it contains a user name or password, give them as options "username" and "password"`,
    );
  if (url.search || url.hash)
    throw new TypeError(`Cannot use server "${shown}": it has a query or a fragment`);
  if (url.protocol === 'http:' && !skipTLSVerify)
    throw new TypeError(
      `Cannot use server "${shown}": http is not encrypted, set skipTLSVerify to allow it`,
    );
  const basePath = url.pathname.replace(/\/+$/, '');
  return { origin: url.origin, basePath, text: url.origin + basePath };
}

/** Checks the URL of a proxy. @throws TypeError when it is none */
export function checkProxyUrl(proxyUrl: string): string {
  const isKnown = URL.canParse(proxyUrl) && /^(https?|socks5):$/.test(new URL(proxyUrl).protocol);
  if (!isKnown)
    throw new TypeError('Cannot use the proxy URL: it must be an http, https or socks5 URL');
  const { username, password } = new URL(proxyUrl);
  if (/%(?![0-9a-f]{2})/i.test(username + password))
    throw new TypeError(
      'Cannot use the proxy URL: a percent sign in its user or password must be written as "%25"',
    );
  return proxyUrl;
}

/** What may be shown of a URL: no user, no password, no query and no fragment, which may hold tokens. */
export function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([^/]*\/\/)?.*@/s, '$1');
}
