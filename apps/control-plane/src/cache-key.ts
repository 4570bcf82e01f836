import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A source file of the Go program, as it goes into the hash. */
export interface SourceFile {
  /** File name without its folder. */
  readonly name: string;
  /** The bytes of the file. */
  readonly content: Uint8Array;
}

/** Which Go compiles, and for what. */
export interface GoTarget {
  /** As `go env GOVERSION` prints it, for example `go1.26.8`. */
  readonly version: string;
  /** As `go env GOOS` prints it, for example `linux`. */
  readonly os: string;
  /** As `go env GOARCH` prints it, for example `amd64`. */
  readonly arch: string;
}

/**
 * The files of a folder that decide what the Go program becomes: `go.mod`, `go.sum` and every `.go` file,
 * sorted by name. Other files do not change the hash.
 */
export async function readGoSources(directory: string): Promise<SourceFile[]> {
  const names = (await readdir(directory)).filter(
    (name) =>
      name === 'go.mod' ||
      name === 'go.sum' ||
      (name.endsWith('.go') && !name.endsWith('_test.go')),
  );
  names.sort();
  return Promise.all(
    names.map(async (name) => ({ name, content: await readFile(join(directory, name)) })),
  );
}

/**
 * Hash of the sources and the build flags: 16 hexadecimal digits.
 *
 * Names, contents and flags are each preceded by their length, so that bytes moved from one to the next change the hash.
 */
export function sourceHash(sources: readonly SourceFile[], flags: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (part: Uint8Array | string): void => {
    hash.update(`${Buffer.byteLength(part)}\n`).update(part);
  };
  for (const source of sources) {
    add(source.name);
    add(source.content);
  }
  hash.update('flags\n');
  for (const flag of flags) add(flag);
  return hash.digest('hex').slice(0, 16);
}

/**
 * Name of the cache folder of one build: the source hash, then the Go version and the platform in readable form.
 *
 * The hash stands first, so that a host without Go finds a build of the same sources by any Go version.
 */
export function cacheKey(hash: string, target: GoTarget): string {
  return `${hash}-${target.version}-${target.os}-${target.arch}`;
}

/** Whether a cache folder holds a build of these sources for this platform, whichever Go version made it. */
export function cacheKeyMatches(
  name: string,
  hash: string,
  platform: Omit<GoTarget, 'version'>,
): boolean {
  return name.startsWith(`${hash}-go`) && name.endsWith(`-${platform.os}-${platform.arch}`);
}
