import { thingsPath } from './things.ts';
import type { RequestKind } from './script.ts';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly kind: RequestKind;
  /** The request in words that do not depend on chance, such as `WATCH allowWatchBookmarks=true resourceVersion=10`. */
  readonly text: string;
}

/** What a request asks for. Anything that is no list or watch of things is told as it came, and counts as a list. */
export function seen(method: string | undefined, url: string | undefined): SeenRequest {
  const { pathname, searchParams } = new URL(url ?? '/', 'http://server');
  const isWatch = searchParams.get('watch') === 'true';
  const isStream = isWatch && searchParams.get('sendInitialEvents') === 'true';
  const kind: RequestKind = isStream ? 'stream' : isWatch ? 'watch' : 'list';
  const words = [...searchParams]
    .filter(([name]) => name !== 'watch')
    .map(([name, value]) => `${name}=${normal(name, value)}`)
    .sort();
  const verb =
    method === 'GET' && pathname === thingsPath ? kind.toUpperCase() : `${method} ${pathname}`;
  return { kind, text: [verb, ...words].join(' ') };
}

/** Timeouts are random between five and ten minutes. */
function normal(name: string, value: string): string {
  const isLegal = name === 'timeoutSeconds' && Number(value) >= 300 && Number(value) <= 600;
  return isLegal ? '300..600' : value;
}
