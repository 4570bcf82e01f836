import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

import { buildControlPlane, cachedBuild, goDirectory } from './builder.ts';
import { cacheDirectory } from './cache-directory.ts';
import type { Environment } from './cache-directory.ts';
import { findGo } from './go-toolchain.ts';

/** Paths of the programs a control plane is made of. */
export interface Assets {
  /** Folder that holds them. */
  readonly directory: string;
  /** Where the folder comes from: `KUBEBUILDER_ASSETS`, an earlier build, or a build made just now. */
  readonly origin: 'environment' | 'cache' | 'build';
  /** Path of etcd. */
  readonly etcd: string;
  /** Path of kube-apiserver. */
  readonly apiServer: string;
  /** Path of kube-controller-manager; absent in folders made by setup-envtest, which does not ship it. */
  readonly controllerManager: string | undefined;
  /** A sentence for the user when something works less well with this folder. */
  readonly notice: string | undefined;
}

/** Why there is no control plane on this host. */
export interface MissingAssets {
  /** One sentence for a human, with the remedy. */
  readonly missing: string;
}

/** Where {@link findAssets} looks. */
export interface FindAssetsOptions {
  /** Variables to read `KUBEBUILDER_ASSETS` and the cache folder from. Default `process.env`. */
  readonly environment?: Environment;
  /** The Go command. Default `go`, found on the PATH. */
  readonly goCommand?: string;
  /** Called once, before a build begins; a build takes minutes. */
  readonly onBuild?: (message: string) => void;
  /** Ends a build that is under way. */
  readonly signal?: AbortSignal;
}

/**
 * Finds the programs of a control plane: `KUBEBUILDER_ASSETS` when set, else an earlier build, else a build made now by Go.
 *
 * Returns a sentence when the host has neither. Throws an `Error` when `KUBEBUILDER_ASSETS` names a folder without etcd or
 * kube-apiserver, because a folder that was asked for by name must not be passed over in silence, and when a build fails.
 */
export async function findAssets(options: FindAssetsOptions = {}): Promise<Assets | MissingAssets> {
  const environment = options.environment ?? process.env;
  const named = environment['KUBEBUILDER_ASSETS'];
  if (named !== undefined && named !== '') return assetsIn(named, 'environment');

  const cache = join(cacheDirectory(environment), 'control-plane');
  const go = await findGo({
    directory: goDirectory,
    ...(options.goCommand === undefined ? {} : { command: options.goCommand }),
  });
  const found = await cachedBuild('missing' in go ? { cache } : { cache, go });
  if (found !== undefined) return assetsIn(found, 'cache');
  if ('missing' in go) {
    return {
      missing: `No control plane on this host: ${go.missing}; install it, or set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver`,
    };
  }
  options.onBuild?.(
    `building etcd, kube-apiserver and kube-controller-manager with ${go.version} (about 6 minutes once)`,
  );
  const built = await buildControlPlane({
    cache,
    go,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return assetsIn(built, 'build');
}

/** The assets of one folder. Throws an `Error` that lists what is missing or not executable; kube-controller-manager may be missing. */
export async function assetsIn(directory: string, origin: Assets['origin']): Promise<Assets> {
  const path = async (name: string): Promise<string | undefined> =>
    access(join(directory, name), constants.X_OK).then(
      () => join(directory, name),
      () => undefined,
    );
  const etcd = await path('etcd');
  const apiServer = await path('kube-apiserver');
  const controllerManager = await path('kube-controller-manager');
  if (etcd === undefined || apiServer === undefined) {
    const lacking = [etcd ?? 'etcd', apiServer ?? 'kube-apiserver'].filter(
      (name) => !name.startsWith(directory),
    );
    const source = origin === 'environment' ? 'KUBEBUILDER_ASSETS' : 'the cache';
    throw new Error(
      `Cannot use folder "${directory}" of ${source}: no executable ${lacking.join(' and no executable ')} in it`,
    );
  }
  const notice =
    controllerManager === undefined
      ? `Folder "${directory}" has no kube-controller-manager: nothing collects garbage, removes namespaces or makes Pods of Deployments`
      : undefined;
  return { directory, origin, etcd, apiServer, controllerManager, notice };
}
