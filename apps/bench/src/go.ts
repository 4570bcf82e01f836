import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The Go program of `go/`, built. */
export interface GoProgram {
  /** The toolchain and the libraries that it measures. */
  readonly versions: Readonly<Record<string, string>>;
  /** The samples of one benchmark; `undefined` when it leaves it out. */
  sample(id: string): Promise<readonly number[] | undefined>;
}

interface Line {
  readonly versions?: Record<string, string>;
  readonly id?: string;
  readonly samples?: readonly number[];
}

const folder = fileURLToPath(new URL('../go/', import.meta.url));
const program = fileURLToPath(new URL('../temp/bench-go', import.meta.url));
const run = promisify(execFile);

/**
 * Builds the Go program.
 *
 * @throws when there is no Go, or its modules cannot be had
 */
export async function buildGo(quick: boolean): Promise<GoProgram> {
  await run('go', ['build', '-o', program, '.'], {
    cwd: folder,
    env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -buildvcs=false' },
  });
  const ask = async (...words: readonly string[]): Promise<readonly Line[]> => {
    const options = quick ? ['-quick', ...words] : words;
    const { stdout } = await run(program, options, { maxBuffer: 64 * 1024 * 1024 });
    // The program is ours: each line is what it writes.
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((text) => JSON.parse(text) as Line);
  };
  const [first] = await ask('nothing');
  return {
    versions: first?.versions ?? {},
    sample: async (id) => (await ask(id)).find((line) => line.id === id)?.samples,
  };
}
