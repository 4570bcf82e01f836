import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** A package as it would be published. */
export interface Packed {
  readonly folder: string;
  readonly name: string;
  readonly tarball: string;
  readonly dependencies: readonly string[];
  readonly subpaths: readonly string[];
}

/** Packs every package as it was built. The tarballs go into `work`. */
export function packAll(work: string): readonly Packed[] {
  return readdirSync(join(root, 'packages')).map((folder) => pack(folder, work));
}

function pack(folder: string, work: string): Packed {
  const path = join(root, 'packages', folder);
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const tarball = join(work, `${folder}.tgz`);
  execFileSync('pnpm', ['pack', '--out', tarball], { cwd: path, stdio: 'pipe' });
  return {
    folder,
    name: manifest.name,
    tarball,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    subpaths: Object.keys(manifest.exports),
  };
}

/** Installs a package, with the siblings that it depends on, by plain npm into the new folder `place`. */
export function installAlone(name: string, packages: readonly Packed[], place: string): void {
  const tarballs = Object.fromEntries(
    withSiblings(name, packages).map((each) => [each.name, `file:${each.tarball}`]),
  );
  installInto(place, { dependencies: tarballs, overrides: tarballs });
}

/** Installs by plain npm what a manifest asks for into the new folder `place`, outside the workspace. */
export function installInto(
  place: string,
  manifest: {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly overrides?: Readonly<Record<string, string>>;
  },
): void {
  mkdirSync(place);
  writeFileSync(
    join(place, 'package.json'),
    JSON.stringify({ name: 'stranger', private: true, type: 'module', ...manifest }),
  );
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: place,
    stdio: 'pipe',
  });
}

function withSiblings(name: string, packages: readonly Packed[]): readonly Packed[] {
  const found = new Set<Packed>();
  const visit = (wanted: string): void => {
    const packed = packages.find((each) => each.name === wanted);
    if (!packed || found.has(packed)) return;
    found.add(packed);
    for (const dependency of packed.dependencies) visit(dependency);
  };
  visit(name);
  return [...found];
}
