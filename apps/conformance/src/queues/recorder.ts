import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { GoProgramOptions } from '@kubeloop/control-plane';

const run = promisify(execFile);
const appFolder = join(import.meta.dirname, '..', '..');

/** The Go program that records: the tests of a package, since virtual time needs a test. */
export const recorderProgram: GoProgramOptions = {
  module: join(appFolder, 'go'),
  package: './queues',
  outputFolder: join(appFolder, 'temp', 'queues'),
  tests: true,
};

/** What to record, and where to. */
export interface RecordOptions {
  /** The program that was built from {@link recorderProgram}. */
  readonly program: string;
  /** Gets the recordings; made when it is missing. */
  readonly folder: string;
  /** All sequences follow from it, a whole number below 2³². Default: that of the recordings in this repository. */
  readonly seed?: number | undefined;
}

/** Records. Takes about a second. */
export async function recordQueues(options: RecordOptions): Promise<void> {
  const { program, folder, seed } = options;
  await mkdir(folder, { recursive: true });
  await run(program, ['-test.run', '^TestRecord$', '-test.timeout', '2m'], {
    env: {
      ...process.env,
      KUBELOOP_RECORD_DIR: folder,
      KUBELOOP_RECORD_SEED: seed === undefined ? '' : String(seed),
    },
  });
}
