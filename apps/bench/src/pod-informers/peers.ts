import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildGoProgram } from '@kubeloop/control-plane';

const run = promisify(execFile);
const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const temp = folderOf('../../temp/');

/** One of those who are compared. */
export interface PeerProgram {
  readonly id: string;
  readonly title: string;
  readonly command: string;
  readonly options: readonly string[];
}

/** What peers there are: their ids with how they are called in the tables. */
export const peerTitles = {
  kubeloop: 'kubeloop',
  'kubeloop-small-heap': 'kubeloop, --max-semi-space-size=2',
  'kubeloop-whole': 'kubeloop, managedFields kept',
  'kubeloop-json': 'kubeloop, JSON only',
  floor: 'floor (JSON.parse into a Map)',
  'client-node': '@kubernetes/client-node informer',
  'client-go-protobuf': 'client-go typed, protobuf',
  'client-go-stripped': 'client-go typed, protobuf, managedFields dropped',
  'client-go-json': 'client-go typed, JSON',
  'client-go-dynamic': 'client-go dynamic, JSON',
  'kube-rs': 'kube-rs reflector, pages',
  'kube-rs-streaming': 'kube-rs reflector, streamed list',
} as const;

export type PeerId = keyof typeof peerTitles;

export function isPeerId(word: string): word is PeerId {
  return Object.hasOwn(peerTitles, word);
}

/** Builds one of the Go programs of `go/cmd`. @throws when there is no Go, or its modules cannot be had */
export async function buildGoCommand(name: string): Promise<string> {
  const built = await buildGoProgram({
    module: folderOf('../../go/'),
    package: `./cmd/${name}`,
    outputFolder: temp,
  });
  if ('missing' in built) throw new Error(built.missing);
  return built.path;
}

/**
 * Makes programs of the peers that can be had here; says why not of others.
 *
 * @param source - whether our packages are run from their sources; otherwise they must have been built
 */
export async function preparePeers(
  ids: readonly PeerId[],
  source: boolean,
): Promise<{ readonly programs: PeerProgram[]; readonly missing: string[] }> {
  const scripts = source ? folderOf('./peers/') : await stripPeers();
  const node = (file: string, ...options: string[]): Pick<PeerProgram, 'command' | 'options'> => ({
    command: process.execPath,
    options: source
      ? ['--expose-gc', '--conditions=@kubeloop/source', `${scripts}${file}.ts`, ...options]
      : ['--expose-gc', `${scripts}${file}.mjs`, ...options],
  });
  const go = async (mode: string): Promise<Pick<PeerProgram, 'command' | 'options'>> => ({
    command: await buildGoCommand('pod-informer'),
    options: ['-mode', mode],
  });
  const makers: Record<PeerId, () => Promise<Pick<PeerProgram, 'command' | 'options'>>> = {
    kubeloop: () => Promise.resolve(node('kubeloop')),
    'kubeloop-small-heap': () => {
      const { command, options: rest } = node('kubeloop');
      return Promise.resolve({ command, options: ['--max-semi-space-size=2', ...rest] });
    },
    'kubeloop-whole': () => Promise.resolve(node('kubeloop', '--whole')),
    'kubeloop-json': () => Promise.resolve(node('kubeloop', '--json')),
    floor: () => Promise.resolve(node('floor')),
    'client-node': () => Promise.resolve(node('client-node')),
    'client-go-protobuf': () => go('protobuf'),
    'client-go-stripped': () => go('stripped'),
    'client-go-json': () => go('json'),
    'client-go-dynamic': () => go('dynamic'),
    'kube-rs': async () => ({ command: await buildRust(), options: [] }),
    'kube-rs-streaming': async () => ({ command: await buildRust(), options: ['--streaming'] }),
  };
  const programs: PeerProgram[] = [];
  const missing: string[] = [];
  for (const id of ids) {
    try {
      programs.push({ id, title: peerTitles[id], ...(await makers[id]()) });
    } catch (error) {
      missing.push(`${id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { programs, missing };
}

/** Writes the peers that run in Node as JavaScript, so that none of them pays for TypeScript. Returns their folder. */
async function stripPeers(): Promise<string> {
  const from = folderOf('./peers/');
  const to = `${temp}peers/`;
  await mkdir(to, { recursive: true });
  for (const file of await readdir(from)) {
    const text = stripTypeScriptTypes(await readFile(`${from}${file}`, 'utf8'));
    const name = file.replace(/\.ts$/, '.mjs');
    await writeFile(`${to}${name}`, text.replaceAll(/'(\.\/[^']+)\.ts'/g, "'$1.mjs'"));
  }
  return to;
}

let rust: Promise<string> | undefined;

/** Builds the Rust program once. */
function buildRust(): Promise<string> {
  const target = `${temp}rust`;
  rust ??= run('cargo', ['build', '--release', '--locked', '--target-dir', target], {
    cwd: folderOf('../../rust/'),
    maxBuffer: 64 * 1024 * 1024,
  }).then(() => `${target}/release/pod-reflector`);
  return rust;
}
