import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What the Go program measured, by the ids of the benchmarks. */
export interface GoResults {
  readonly versions: Readonly<Record<string, string>>;
  readonly samples: ReadonlyMap<string, readonly number[]>;
}

interface Line {
  readonly versions?: Record<string, string>;
  readonly id?: string;
  readonly samples?: readonly number[];
}

const folder = fileURLToPath(new URL('../go/', import.meta.url));
const maxBuffer = 256 * 1024 * 1024;

/**
 * Builds and runs the Go program of `go/`.
 *
 * @throws when there is no Go, or its modules cannot be had
 */
export async function runGo(quick: boolean): Promise<GoResults> {
  const { stdout } = await promisify(execFile)('go', ['run', '.', ...(quick ? ['-quick'] : [])], {
    cwd: folder,
    env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -buildvcs=false' },
    maxBuffer,
  });
  // The program is ours: each line is what it writes.
  const lines = stdout
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text) as Line);
  return {
    versions: lines.find((line) => line.versions)?.versions ?? {},
    samples: new Map(lines.flatMap(({ id, samples }) => (id && samples ? [[id, samples]] : []))),
  };
}
