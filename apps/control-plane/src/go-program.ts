import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { findGo, goEnvironment } from './go-toolchain.ts';
import { skipOrFail } from './skip-or-fail.ts';
import type { SkippableContext } from './skip-or-fail.ts';

const run = promisify(execFile);

/** A program to build from a Go module of this repository. */
export interface GoProgramOptions {
  /** Folder of the module's `go.mod`. */
  readonly module: string;
  /** The program's package inside the module, for example `./cmd/informer`. */
  readonly package: string;
  /** Where the program goes: a folder that is made when it is missing. */
  readonly outputFolder: string;
  /** Builds the tests of the package instead of its main function; run the file as `go test` would. Default false. */
  readonly tests?: boolean;
}

/**
 * Builds a Go program and returns its path, or says why there is no Go to build with. Go's own build cache makes the second
 * time a matter of a second; the first needs minutes and the modules from a proxy.
 *
 * @throws when the program does not compile or its modules cannot be had, with what Go said
 */
export async function buildGoProgram(
  options: GoProgramOptions,
): Promise<{ readonly path: string } | { readonly missing: string }> {
  const go = await findGo({ directory: options.module });
  if ('missing' in go) return go;
  await mkdir(options.outputFolder, { recursive: true });
  const name = options.package.split('/').at(-1) ?? 'program';
  const path = join(options.outputFolder, options.tests === true ? `${name}.test` : name);
  const command = options.tests === true ? ['test', '-c'] : ['build'];
  try {
    await run('go', [...command, '-buildvcs=false', '-mod=readonly', '-o', path, options.package], {
      cwd: options.module,
      env: { ...process.env, ...goEnvironment },
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (error) {
    // execFile rejects with an Error that carries what the command wrote.
    const { stderr } = error as Error & { readonly stderr?: string };
    throw new Error(`Cannot build ${options.package} of ${options.module}: ${stderr ?? ''}`, {
      cause: error,
    });
  }
  return { path };
}

/** The path of a Go program for one test, built when needed. Without Go the test is skipped, or fails as in {@link skipOrFail}. */
export async function goProgramOrSkip(
  context: SkippableContext,
  options: GoProgramOptions,
): Promise<string> {
  const built = await buildGoProgram(options);
  return 'missing' in built ? skipOrFail(context, built.missing) : built.path;
}
