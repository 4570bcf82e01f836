import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { GoTarget } from './cache-key.ts';

const run = promisify(execFile);

/** Variables that make the build the same on every host, and keep Go from downloading another Go. */
export const goEnvironment: Readonly<Record<string, string>> = {
  CGO_ENABLED: '0',
  GOFLAGS: '',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
};

/** Where to look for Go. */
export interface FindGoOptions {
  /** Folder of the `go.mod` whose `go` line says which version is needed. */
  readonly directory: string;
  /** The command. Default `go`, found on the PATH. */
  readonly command?: string;
}

/**
 * The Go of this host, or a sentence that says why there is none to build with.
 *
 * An older Go than the `go` line of go.mod counts as missing, because with `GOTOOLCHAIN=local` it refuses to build.
 */
export async function findGo(
  options: FindGoOptions,
): Promise<GoTarget | { readonly missing: string }> {
  const { directory, command = 'go' } = options;
  const needed = requiredGoVersion(await readFile(join(directory, 'go.mod'), 'utf8'));
  let printed: string;
  try {
    const environment = { ...process.env, ...goEnvironment };
    // Outside the module: inside it an old Go would stop at the `go` line instead of telling its version.
    const result = await run(command, ['env', 'GOVERSION', 'GOOS', 'GOARCH'], {
      env: environment,
      cwd: '/',
    });
    printed = result.stdout;
  } catch {
    return {
      missing: `the command "${command}" was not found or does not run, and Go ${needed} or newer is needed`,
    };
  }
  const [version = '', os = '', arch = ''] = printed.trim().split('\n');
  if (compareVersions(version.replace(/^go/u, ''), needed) < 0) {
    return { missing: `this host has ${version}, and Go ${needed} or newer is needed` };
  }
  return { version: version.replaceAll(/[^\w.+]/gu, '_'), os, arch };
}

/** The version in the `go` line of a go.mod. Throws an `Error` when there is none. */
export function requiredGoVersion(goMod: string): string {
  const version = /^go (\d[\w.]*)$/mu.exec(goMod)?.[1];
  if (version === undefined)
    throw new Error('Cannot read the Go version from go.mod: it has no "go" line');
  return version;
}

/** Negative when `left` is older than `right`; only the numbers before any suffix (`rc1`) count. */
export function compareVersions(left: string, right: string): number {
  const numbers = (text: string): number[] =>
    (/^[\d.]+/u.exec(text)?.[0] ?? '').split('.').map(Number);
  const [a, b] = [numbers(left), numbers(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
