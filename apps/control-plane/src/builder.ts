import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cacheKey, cacheKeyMatches, readGoSources, sourceHash } from './cache-key.ts';
import type { GoTarget } from './cache-key.ts';
import { goEnvironment } from './go-toolchain.ts';

/** The version of Kubernetes that the Go program is built from. */
export const kubernetesVersion = '1.36.3';

/** The folder with `go.mod`, `go.sum` and `main.go`. */
export const goDirectory: string = fileURLToPath(new URL('../go', import.meta.url));

/** The names by which the binary behaves as one program or another. */
export const programNames = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const;

/** One of the three programs. */
export type ProgramName = (typeof programNames)[number];

const binaryName = 'control-plane';

/**
 * Arguments of `go build` between `build` and `-o`.
 * The tags are those of upstream's release builds; the versions are what `/version` answers.
 */
export const buildFlags: readonly string[] = [
  '-mod=readonly',
  '-buildvcs=false',
  '-trimpath',
  '-tags',
  'selinux,notest,grpcnotrace',
  '-ldflags',
  [
    '-s',
    '-w',
    ...versionFlags('k8s.io/component-base/version'),
    ...versionFlags('k8s.io/client-go/pkg/version'),
  ].join(' '),
];

function versionFlags(packagePath: string): string[] {
  const [major, minor] = kubernetesVersion.split('.');
  const values = {
    gitVersion: `v${kubernetesVersion}`,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
  };
  return Object.entries(values).map(([name, value]) => `-X ${packagePath}.${name}=${value}`);
}

/** Where builds are kept and what they are made of. */
export interface BuildCacheOptions {
  /** Folder that holds one folder a build. */
  readonly cache: string;
  /** Folder of the Go sources. Default: the `go` folder of this package. */
  readonly sources?: string;
}

/** What {@link buildControlPlane} needs. */
export interface BuildOptions extends BuildCacheOptions {
  /** The Go that builds. */
  readonly go: GoTarget;
  /** Ends the build; the half-made folder is removed. */
  readonly signal?: AbortSignal;
}

/**
 * The folder of a finished build of these sources, or `undefined`.
 *
 * With `go`, a build by exactly that Go; without, one by any Go for this platform, so that a restored cache serves a host without Go.
 */
export async function cachedBuild(
  options: BuildCacheOptions & { readonly go?: GoTarget },
): Promise<string | undefined> {
  const hash = sourceHash(await readGoSources(options.sources ?? goDirectory), buildFlags);
  if (options.go !== undefined) {
    const folder = join(options.cache, cacheKey(hash, options.go));
    return (await isBuild(folder)) ? folder : undefined;
  }
  const platform = { os: process.platform, arch: process.arch === 'x64' ? 'amd64' : process.arch };
  const names = await readdir(options.cache).catch(() => []);
  const name = names.find((candidate) => cacheKeyMatches(candidate, hash, platform));
  return name !== undefined && (await isBuild(join(options.cache, name)))
    ? join(options.cache, name)
    : undefined;
}

/**
 * Builds the Go program into the cache and returns its folder: the binary and one symlink a program.
 *
 * The folder appears under its final name by one rename, so a reader never sees half a build. Two processes that build at once
 * both finish; the second finds the name taken and throws its own copy away. Takes about 6 minutes on two cores with a cold
 * Go build cache and a few seconds with a warm one. Throws an `Error` with the end of the output of `go build` when it fails.
 */
export async function buildControlPlane(options: BuildOptions): Promise<string> {
  const { cache, go, signal, sources = goDirectory } = options;
  const target = join(cache, cacheKey(sourceHash(await readGoSources(sources), buildFlags), go));
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, '.building-'));
  try {
    await goBuild(sources, join(folder, binaryName), signal);
    for (const name of programNames) await symlink(binaryName, join(folder, name));
    await rename(folder, target).catch(async (error: unknown) => {
      if (!(await isBuild(target))) throw error;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return target;
}

async function isBuild(folder: string): Promise<boolean> {
  return stat(join(folder, binaryName)).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function goBuild(
  directory: string,
  output: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn('go', ['build', ...buildFlags, '-o', output, '.'], {
    cwd: directory,
    env: { ...process.env, ...goEnvironment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  let tail = '';
  const keep = (chunk: Buffer): void => {
    tail = (tail + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.once('error', reject);
  child.once('close', (code, killedBy) => {
    if (code === 0) resolve();
    else
      reject(
        new Error(
          `Cannot build the control plane: "go build" ended with ${code ?? killedBy}\n${tail}`,
        ),
      );
  });
  await promise;
}
