import { homedir } from 'node:os';
import { join } from 'node:path';

/** The part of `process.env` that this package reads. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder under which built control planes are kept.
 *
 * `KUBELOOP_CACHE_DIR` wins, then `XDG_CACHE_HOME` with `kubeloop` below it, then `~/.cache/kubeloop`.
 * An empty variable counts as not set, as the XDG base directory specification asks.
 */
export function cacheDirectory(environment: Environment = process.env): string {
  const own = environment['KUBELOOP_CACHE_DIR'];
  if (own !== undefined && own !== '') return own;
  const xdg = environment['XDG_CACHE_HOME'];
  if (xdg !== undefined && xdg !== '') return join(xdg, 'kubeloop');
  return join(homedir(), '.cache', 'kubeloop');
}
