import { homedir } from 'node:os';
import { join } from 'node:path';
import { choices, followContext, isMadeUp } from './kube-config-context.ts';
import type { KubeConfigLike } from './kube-config-like.ts';
import { messageOf } from './pem.ts';

/** What {@link loadKubeConfig} takes. */
export interface LoadKubeConfigOptions {
  /** The kubeconfig's path. Default: as kubectl, `KUBECONFIG`, then `~/.kube/config`, then the service account of a pod. */
  readonly path?: string | undefined;
  /** The context to use. Default: the current context of the file. */
  readonly context?: string | undefined;
}

/** The part of client-node's `KubeConfig` that is used to load it. */
interface LoadableKubeConfig extends KubeConfigLike {
  loadFromFile(path: string): void;
  loadFromDefault(): void;
  setCurrentContext(context: string): void;
  getContextObject(name: string): { readonly cluster: string; readonly user: string } | null;
}

/**
 * Loads a kubeconfig by `@kubernetes/client-node`, which is imported only by this call: it takes 0.3 s and 85 MB.
 *
 * @throws Error when that package is not installed, the file cannot be read (its path is named) or there is none at all;
 *   TypeError when there is no such context, or it names a cluster or user that is not defined
 */
export async function loadKubeConfig(options: LoadKubeConfigOptions = {}): Promise<KubeConfigLike> {
  const { path, context } = options;
  const config = await makeKubeConfig();
  try {
    if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (cause) {
    throw loadFailure(sourceOf(path), cause);
  }
  if (path === undefined && isMadeUp(config))
    throw new Error(
      `Cannot load the default kubeconfig: KUBECONFIG is not set, ${homePath()} does not exist and this is no pod`,
    );
  if (context !== undefined) {
    if (!config.getContextObject(context))
      throw new TypeError(
        `Cannot use context "${context}": ${sourceOf(path)} has no such context${choices(config)}`,
      );
    config.setCurrentContext(context);
  }
  followContext(config, sourceOf(path));
  return config;
}

/**
 * What stands in a kubeconfig is secret, and the parser of YAML quotes it, in its message and beside it: of such an error
 * the reason and the line are passed on, and it is no cause.
 */
function loadFailure(source: string, cause: unknown): Error {
  if (cause instanceof Error && isSystemError(cause))
    return new Error(`Cannot load ${source}: ${cause.message}`, { cause });
  const { reason, line } = placeIn(cause);
  const where = line === undefined ? '' : ` in line ${line + 1}`;
  return new Error(
    `Cannot load ${source}: it is not a kubeconfig${where}${reason ? `: ${reason}` : ''}`,
  );
}

function isSystemError(error: Error): boolean {
  return 'syscall' in error;
}

/** What js-yaml says of a mistake, as far as it is there and quotes nothing. */
function placeIn(cause: unknown): { readonly reason?: string; readonly line?: number } {
  if (typeof cause !== 'object' || cause === null || !('reason' in cause)) return {};
  const reason = String(cause.reason)
    .replace(/[^A-Za-z ].*$/s, '')
    .trim();
  const mark: unknown = 'mark' in cause ? cause.mark : undefined;
  const isMark = typeof mark === 'object' && mark !== null && 'line' in mark;
  return { reason, ...(isMark && typeof mark.line === 'number' && { line: mark.line }) };
}

/** The kubeconfig in words. */
function sourceOf(path: string | undefined): string {
  if (path !== undefined) return `kubeconfig "${path}"`;
  const listed = process.env['KUBECONFIG'];
  return listed ? `the default kubeconfig (KUBECONFIG is "${listed}")` : 'the default kubeconfig';
}

function homePath(): string {
  return join(homedir(), '.kube', 'config');
}

async function makeKubeConfig(): Promise<LoadableKubeConfig> {
  // The name is not a literal, so that neither compilers nor bundlers need the optional package.
  const name: string = '@kubernetes/client-node';
  try {
    // What that package exports under this name; a type test compares the two.
    const { KubeConfig } = (await import(name)) as { KubeConfig: new () => LoadableKubeConfig };
    return new KubeConfig();
  } catch (cause) {
    throw new Error(
      `Cannot load a kubeconfig: the package @kubernetes/client-node cannot be imported, install it or give a server and a token: ${messageOf(cause)}`,
      { cause },
    );
  }
}
