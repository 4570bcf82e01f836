// Makes one module of each entry of a package, and one of what is imported only when it is needed: Node takes a quarter of a millisecond
// for each module it loads. Run in the package's folder after the compiler has written the declarations into dist.
//
//   node ../../scripts/bundle.ts

import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const folder = process.cwd();
const dist = join(folder, 'dist');
const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }))
  if (/\.js(\.map)?$/.test(file)) rmSync(join(dist, file));

const bundle = await rolldown({
  input: entriesOf(exports),
  // Everything but files of this package.
  external: /^[^./]/,
  platform: 'node',
  transform: { target: 'es2024' },
  // No comments about where a piece came from: that is in the source maps.
  experimental: { attachDebugInfo: 'none' },
  onLog(level, log) {
    if (level === 'warn') throw new Error(`Cannot bundle ${folder}: ${log.message}`);
  },
});
const { output } = await bundle.write({
  dir: dist,
  format: 'esm',
  sourcemap: true,
  // The sources are published beside it.
  sourcemapExcludeSources: true,
  entryFileNames: '[name].js',
  // They are where the entries are, so that what the sources say about files beside them stays true.
  chunkFileNames: '[name].js',
});
await bundle.close();
for (const chunk of output) if (chunk.type === 'chunk') requireFiles(chunk.fileName, chunk.code);

/** The source of each entry by the name of its file in `dist`. */
function entriesOf(
  exported: Readonly<Record<string, string | Readonly<Record<string, string>>>>,
): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const entry of Object.values(exported)) {
    if (typeof entry === 'string') continue;
    const { default: built = '', '@kubeloop/source': source = '' } = entry;
    entries[built.replace(/^\.\/dist\/|\.js$/g, '')] = resolve(folder, source);
  }
  return entries;
}

/** What a module says is beside it must be there: it may be in another folder than its source was. */
function requireFiles(name: string, code: string): void {
  for (const [, path = ''] of code.matchAll(/new URL\(["'](\.[^"']*)["'], import\.meta\.url\)/g))
    if (!existsSync(resolve(dist, name, '..', path)))
      throw new Error(
        `Cannot bundle ${folder}: dist/${name} refers to ${path}, which does not exist`,
      );
}
