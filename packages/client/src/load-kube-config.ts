import type { KubeConfigLike } from './kube-config.ts';
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
  getContextObject(name: string): object | null;
}

/**
 * Loads a kubeconfig by `@kubernetes/client-node`, which is imported only by this call: it takes 0.3 s and 85 MB.
 *
 * @throws Error when that package is not installed, the file cannot be read (its path is named) or the context does not exist
 */
export async function loadKubeConfig(options: LoadKubeConfigOptions = {}): Promise<KubeConfigLike> {
  const { path, context } = options;
  const config = await makeKubeConfig();
  try {
    if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (cause) {
    const which = path === undefined ? 'the default kubeconfig' : `kubeconfig "${path}"`;
    throw new Error(`Cannot load ${which}: ${messageOf(cause)}`, { cause });
  }
  if (context !== undefined) {
    if (!config.getContextObject(context))
      throw new Error(`Cannot use context "${context}": the kubeconfig has no such context`);
    config.setCurrentContext(context);
  }
  return config;
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
