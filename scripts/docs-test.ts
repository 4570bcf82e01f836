// Runs the code of the documentation: every ```ts block of the READMEs and of docs/, type-checked and executed from the sources.
// In a block, `expression // => value` asserts that both are deeply equal. A block fenced as ```ts no-run is type-checked only.
//
//   node scripts/docs-test.ts [folder …]      default: the whole repository

import { spawn } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One fenced block of a document. */
interface Block {
  /** The document and the line of the fence. */
  readonly name: string;
  /** The workspace member in which it runs. */
  readonly member: string;
  readonly file: string;
  readonly runs: boolean;
  readonly code: string;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The member that depends on every package: documents that belong to no package run as if they were in it. */
const home = join(root, 'apps/sample');
const timeoutMs = 30_000;

const folders = process.argv.slice(2);
const documents = globSync(
  [
    'README.md',
    'CONTRIBUTING.md',
    'docs/**/*.md',
    'packages/*/README.md',
    'packages/*/docs/**/*.md',
    'apps/*/README.md',
  ],
  { cwd: root },
)
  .filter((file) => folders.length === 0 || folders.some((folder) => isInside(folder, file)))
  .toSorted();

const blocks = documents.flatMap(blocksOf);
const members = new Set(blocks.map((block) => block.member));
for (const member of members) rmSync(join(member, 'temp/docs'), { recursive: true, force: true });
for (const block of blocks) writeBlock(block);

const failures: string[] = [];
for (const member of members) await typeCheck(member);
await inParallel(
  blocks.filter((block) => block.runs),
  Math.max(2, availableParallelism()),
  execute,
);
for (const failure of failures) console.error(failure);
console.log(
  `${blocks.length} blocks in ${documents.length} documents, ${failures.length} failures`,
);
process.exit(failures.length === 0 ? 0 : 1);

function isInside(folder: string, file: string): boolean {
  return !relative(resolve(folder), join(root, file)).startsWith('..');
}

/** Finds the ```ts blocks of a document. */
function blocksOf(document: string): Block[] {
  const text = readFileSync(join(root, document), 'utf8');
  const owner = /^(packages|apps)\/[^/]+/.exec(document)?.[0];
  const member = owner === undefined ? home : join(root, owner);
  return [...text.matchAll(/^```ts([^\n]*)\n(.*?)^```$/gms)].map((match, index) => ({
    name: `${document}:${text.slice(0, match.index).split('\n').length}`,
    member,
    file: join(member, 'temp/docs', `${document.replaceAll(/[/.]/g, '-')}-${index + 1}.ts`),
    runs: !match[1]?.includes('no-run'),
    code: match[2] ?? '',
  }));
}

function writeBlock({ file, code }: Block): void {
  mkdirSync(dirname(file), { recursive: true });
  const lines = code.split('\n').map(asserting);
  writeFileSync(
    file,
    `import assert_ from 'node:assert/strict';\n${lines.join('\n')}\nassert_.ok(true);\nexport {};\n`,
  );
}

/** Turns `expression // => value` into an assertion; a declaration asserts what it declared. */
function asserting(line: string): string {
  const match = /^(\s*)(.+?);?\s*\/\/ => (.+)$/.exec(line);
  if (!match) return line;
  const [, indent, statement = '', value] = match;
  const declared = /^(?:const|let)\s+(\w+)\b/.exec(statement)?.[1];
  const check = (expression: string): string =>
    `assert_.deepEqual(${expression} as unknown, ${value} as unknown);`;
  return declared === undefined
    ? `${indent}${check(`(${statement})`)}`
    : `${indent}${statement}; ${check(declared)}`;
}

async function typeCheck(member: string): Promise<void> {
  const config = join(member, 'temp/docs/tsconfig.json');
  const compilerOptions = {
    noEmit: true,
    isolatedDeclarations: false,
    declaration: false,
    declarationMap: false,
  };
  writeFileSync(
    config,
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] }),
  );
  const { code, output } = await run('pnpm', ['exec', 'tsc', '-p', config], root);
  if (code !== 0)
    failures.push(`Types of the documentation in ${relative(root, member)}:\n${output}`);
}

async function execute({ name, file, member }: Block): Promise<void> {
  const { code, output } = await run('node', ['--conditions=@kubeloop/source', file], member);
  if (code !== 0) failures.push(`${name} failed:\n${output}`);
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => done({ code: 127, output: String(error) }));
    child.on('close', (code, signal) => {
      const cut = signal === null ? '' : `Ended by ${signal} after ${timeoutMs / 1000} s\n`;
      done({ code: code ?? 1, output: cut + Buffer.concat(output).toString() });
    });
  });
}

async function inParallel<T>(
  items: readonly T[],
  workers: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const remaining = items.values();
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (const item of remaining) await work(item);
    }),
  );
}
