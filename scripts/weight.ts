// Weighs every package beside @kubernetes/client-node: the tarball, what plain npm installs into an empty folder with it, and
// the time and memory that importing it takes in a fresh process.
//
//   node scripts/weight.ts [--write] [--runs 7]      after a build
//
// Fails when a size is over its budget in weight-budgets.json, or an import takes too large a part of client-node's in the
// same run, both at their fastest. Times and memory are not judged otherwise: they differ from machine to machine.
// --write puts the table into docs/performance.md.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installAlone, installInto, packAll, root } from './packed.ts';

/** What is weighed: modules that a fresh process imports, one after the other, in a folder where they are installed. */
interface Subject {
  readonly title: string;
  readonly place: string;
  readonly modules: readonly string[];
  readonly packedBytes: number;
  readonly installedBytes: number;
}

/** What one import takes. */
interface Import {
  readonly milliseconds: number;
  readonly megabytes: number;
}

/** Medians. */
interface Weight extends Subject, Import {
  /** Of the fastest import, which what else the machine does has slowed least. */
  readonly bestMilliseconds: number;
}

interface Budgets {
  /** An import may take this many times as long as that of client-node. */
  readonly importRatio: number;
  readonly packages: Readonly<Record<string, { packedKB: number; installedKB: number }>>;
}

const peer = '@kubernetes/client-node';
const page = join(root, 'docs/performance.md');
const { values: options } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    runs: { type: 'string', default: '7' },
  },
});

const work = mkdtempSync(join(tmpdir(), 'kubeloop-weight-'));
try {
  const weights = weigh(install());
  const table = tableOf(weights);
  console.log(table);
  if (options.write) writeTable(table);
  const faults = faultsOf(weights);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function install(): readonly Subject[] {
  const packages = packAll(work);
  const ours = packages.map(({ name, folder, tarball }): Subject => {
    const place = join(work, folder);
    installAlone(name, packages, place);
    const packedBytes = statSync(tarball).size;
    return { title: name, place, modules: [name], packedBytes, installedBytes: installedIn(place) };
  });
  return [...ours, ...ours.flatMap(withHttp), installPeer()];
}

/** HTTP is imported with the first request: its cost is a row of its own. */
function withHttp(subject: Subject): readonly Subject[] {
  if (subject.title !== '@kubeloop/controller') return [];
  const { title, modules } = subject;
  return [{ ...subject, title: `${title}, first request`, modules: [...modules, 'node:https'] }];
}

function installPeer(): Subject {
  const manifest = join(root, 'node_modules', peer, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const place = join(work, 'peer');
  installInto(place, { dependencies: { [peer]: version } });
  const said = execFileSync('npm', ['pack', '--json', '--prefer-offline', `${peer}@${version}`], {
    cwd: work,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tarball = readdirSync(work).find((name) => /^kubernetes-client-node.*\.tgz$/.test(name));
  if (!tarball) throw new Error(`Cannot weigh ${peer}: npm did not pack it: ${said}`);
  return {
    title: `${peer} ${version}`,
    place,
    modules: [peer],
    packedBytes: statSync(join(work, tarball)).size,
    installedBytes: installedIn(place),
  };
}

/** The bytes of all files that were installed. */
function installedIn(place: string): number {
  const folder = join(place, 'node_modules');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.package-lock.json')
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Imports each as often as asked, one after the other in turns, so that what else the machine does falls on all. */
function weigh(subjects: readonly Subject[]): readonly Weight[] {
  const runs = Number(options.runs);
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new RangeError(`Cannot weigh with --runs ${options.runs}: give a whole number from 1 up`);
  const imports = new Map<Subject, Import[]>(subjects.map((subject) => [subject, []]));
  for (let run = 0; run < runs; run += 1)
    for (const [subject, done] of imports) done.push(importOnce(subject));
  return Array.from(imports, ([subject, done]) => ({
    ...subject,
    milliseconds: medianOf(done.map((each) => each.milliseconds)),
    bestMilliseconds: Math.min(...done.map((each) => each.milliseconds)),
    megabytes: medianOf(done.map((each) => each.megabytes)),
  }));
}

function importOnce({ place, modules }: Subject): Import {
  // Memory is read after a collection, so that what is counted is what stays.
  const script = `
    globalThis.gc(); const before = process.memoryUsage.rss(); const started = performance.now();
    for (const name of ${JSON.stringify(modules)}) await import(name);
    const milliseconds = performance.now() - started; globalThis.gc();
    console.log(JSON.stringify({ milliseconds, megabytes: (process.memoryUsage.rss() - before) / 2 ** 20 }));`;
  return JSON.parse(
    execFileSync('node', ['--expose-gc', '--input-type=module', '--eval', script], {
      cwd: place,
      encoding: 'utf8',
    }),
  );
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** What is too heavy, a sentence each. */
function faultsOf(weights: readonly Weight[]): readonly string[] {
  const file = join(root, 'scripts/weight-budgets.json');
  const budgets: Budgets = JSON.parse(readFileSync(file, 'utf8'));
  const limitMs = (weights.at(-1)?.bestMilliseconds ?? 0) * budgets.importRatio;
  // The row of the first request has the sizes of the one before, and imports more than the package.
  const judged = weights.slice(0, -1).filter(({ modules }) => modules.length === 1);
  return judged.flatMap((weight) => [
    ...sizeFaults(weight, budgets),
    ...(weight.bestMilliseconds > limitMs
      ? [
          `Importing ${weight.title} took ${weight.bestMilliseconds.toFixed(0)} ms: more than ${budgets.importRatio} times as long as ${peer}`,
        ]
      : []),
  ]);
}

function sizeFaults(
  { title, packedBytes, installedBytes }: Weight,
  budgets: Budgets,
): readonly string[] {
  const budget = budgets.packages[title];
  if (!budget) return [`${title} has no budget: give it one in scripts/weight-budgets.json`];
  const sizes = [
    ['packed', packedBytes, budget.packedKB],
    ['installed', installedBytes, budget.installedKB],
  ] as const;
  return sizes
    .filter(([, bytes, limit]) => bytes > limit * 1000)
    .map(
      ([what, bytes, limit]) =>
        `${title} is ${kilobytes(bytes)} KB ${what}: its budget in scripts/weight-budgets.json is ${limit} KB`,
    );
}

function tableOf(weights: readonly Weight[]): string {
  const theirs = weights.at(-1);
  const rows = weights.map(
    ({ title, packedBytes, installedBytes, milliseconds, megabytes }) =>
      `| ${[
        `\`${title}\``.replace(/(,.*|\s[\d.]+)`$/, '`$1'),
        kilobytes(packedBytes),
        kilobytes(installedBytes),
        milliseconds.toFixed(0),
        `${(milliseconds / (theirs?.milliseconds ?? Number.NaN)).toFixed(2)}×`,
        megabytes.toFixed(0),
      ].join(' | ')} |`,
  );
  return [
    '| package | packed KB | installed KB | import ms | ÷ client-node | MB after import |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

function kilobytes(bytes: number): string {
  return Math.round(bytes / 1000).toLocaleString('en-US');
}

function writeTable(table: string): void {
  const text = readFileSync(page, 'utf8');
  const between = /(<!-- weight -->\n)[^]*?(<!-- \/weight -->)/;
  if (!between.test(text)) throw new Error(`Cannot write the table: ${page} has no place for it`);
  const host = `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, Node ${process.versions.node}`;
  const body = `\n${host}, medians of ${options.runs} processes:\n\n${table}\n\n`;
  writeFileSync(
    page,
    text.replace(between, (_, start, end) => `${start}${body}${end}`),
  );
  execFileSync('pnpm', ['oxfmt', page], { cwd: root, stdio: 'pipe' });
}
