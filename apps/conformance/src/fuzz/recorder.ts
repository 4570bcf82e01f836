import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { GoProgramOptions } from '@kubeloop/control-plane';

const run = promisify(execFile);
const appFolder = join(import.meta.dirname, '..', '..');

/** The seed of the recordings in this repository. */
export const recordedSeed = 1;

/** The Go program that makes cases and writes down what Go makes of them. */
export const recorderProgram: GoProgramOptions = {
  module: join(appFolder, 'go'),
  package: './fuzz',
  outputFolder: join(appFolder, 'temp', 'fuzz'),
};

/** Writes the recordings that follow from a seed into a folder that exists. */
export async function recordFuzz(options: {
  readonly program: string;
  readonly folder: string;
  readonly seed: number;
}): Promise<void> {
  await run(options.program, ['-seed', String(options.seed), '-out', options.folder]);
}
