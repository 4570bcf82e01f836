// Packs every package as it would be published and uses it as a stranger would:
// publint and attw on the tarball; then, outside the workspace, each one alone (with the siblings it depends on)
// installed by plain npm into an empty folder, imported, and the cost of the import measured.
//
//   node scripts/pack-check.ts      after a build

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installAlone, packAll, type Packed, root } from './packed.ts';

const work = mkdtempSync(join(tmpdir(), 'kubeloop-pack-'));

/** The most that importing a package may cost, all that it imports included: the best of a few runs, since machines are noisy. */
const importLimits: Record<string, { milliseconds: number; megabytes?: number }> = {
  '@kubeloop/workqueue': { milliseconds: 20 },
  '@kubeloop/controller': { milliseconds: 150, megabytes: 40 },
};
const fewestRuns = 15;
/** A machine that is busy gets more tries; what is too slow stays so. */
const mostRuns = 60;

let failures = 0;
try {
  const packages = packAll(work);
  for (const each of packages) lint(each);
  for (const each of packages) use(each, packages);
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);

function lint({ name, tarball }: Packed): void {
  attempt(`${name}: publint`, () =>
    execFileSync('pnpm', ['exec', 'publint', 'run', tarball, '--strict'], {
      cwd: root,
      stdio: 'pipe',
    }),
  );
  attempt(`${name}: attw`, () =>
    execFileSync('pnpm', ['exec', 'attw', tarball, '--profile', 'esm-only', '--no-color'], {
      cwd: root,
      stdio: 'pipe',
    }),
  );
}

/** Installs one package and its siblings into an empty folder and imports every entry it has. */
function use({ folder, name, subpaths }: Packed, packages: readonly Packed[]): void {
  const place = join(work, folder);
  const installed = attempt(`${name}: npm install`, () => installAlone(name, packages, place));
  if (!installed) return;
  for (const subpath of subpaths.filter((each) => !each.endsWith('.json'))) {
    const specifier = `${name}${subpath.slice(1)}`;
    attempt(`${specifier}: import`, () => measureImport(name, specifier, place));
    attempt(`${specifier}: types`, () => typeCheck(specifier, place));
  }
}

/** Compiles a module that passes on everything, with the settings that most projects have. */
function typeCheck(specifier: string, place: string): void {
  writeFileSync(join(place, 'stranger.ts'), `export * from '${specifier}';\n`);
  const typeRoots = join(root, 'node_modules/@types');
  const options = [
    '--strict',
    '--noEmit',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--types',
    'node',
  ];
  execFileSync(
    join(root, 'node_modules/.bin/tsc'),
    [...options, '--target', 'es2024', '--typeRoots', typeRoots, 'stranger.ts'],
    { cwd: place, stdio: 'pipe' },
  );
}

function measureImport(name: string, specifier: string, place: string): void {
  // Heap and other memory are read after a collection, so that what is counted is what stays.
  const script = `
    globalThis.gc(); const before = process.memoryUsage.rss(); const started = performance.now();
    await import(${JSON.stringify(specifier)});
    const milliseconds = performance.now() - started; globalThis.gc();
    console.log(JSON.stringify({ milliseconds, megabytes: (process.memoryUsage.rss() - before) / 2 ** 20 }));`;
  const limit = specifier === name ? importLimits[name] : undefined;
  const isWithin = ({ milliseconds, megabytes }: { milliseconds: number; megabytes: number }) =>
    milliseconds <= (limit?.milliseconds ?? Infinity) &&
    megabytes <= (limit?.megabytes ?? Infinity);
  const best = { milliseconds: Infinity, megabytes: Infinity };
  for (let run = 0; run < fewestRuns || (run < mostRuns && !isWithin(best)); run += 1) {
    const printed = execFileSync('node', ['--expose-gc', '--input-type=module', '--eval', script], {
      cwd: place,
      encoding: 'utf8',
    });
    const { milliseconds, megabytes } = JSON.parse(printed);
    best.milliseconds = Math.min(best.milliseconds, milliseconds);
    best.megabytes = Math.min(best.megabytes, megabytes);
  }
  console.log(
    `${specifier}: imported in ${best.milliseconds.toFixed(1)} ms and ${best.megabytes.toFixed(1)} MB`,
  );
  if (!isWithin(best)) throw new Error(`the limit is ${JSON.stringify(limit)}`);
  if (readdirSync(join(place, 'node_modules')).includes('@kubernetes'))
    throw new Error(
      '@kubernetes/client-node was installed with it, although it is an optional peer',
    );
}

function attempt(title: string, action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    failures += 1;
    // What execFileSync throws; an error of ours has no output.
    const {
      message,
      stdout = '',
      stderr = '',
    } = error as Error & { stdout?: Buffer; stderr?: Buffer };
    console.error(`${title} failed: ${message}\n${String(stdout)}${String(stderr)}`);
    return false;
  }
}
