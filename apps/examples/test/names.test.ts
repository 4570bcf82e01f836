import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { countLines } from './count-lines.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const rows = tableRows(readFileSync(`${root}docs/coming-from-go.md`, 'utf8'));
const names = rows.flatMap(([, ours = '', packageCell = '']) =>
  codesIn(packageCell).flatMap((packageName) =>
    codesIn(ours).map((name) => ({ packageName, name })),
  ),
);
const namesByPackage = Object.entries(Object.groupBy(names, ({ packageName }) => packageName));
const filesByLine = rows.filter(([ours = '']) => /^`[\w-]+\/[\w-]+\.ts`/.test(ours));

test.each(namesByPackage)('@kubeloop/%s exports what the tables say', (packageName, named = []) => {
  expect(named.filter(({ name }) => !isExported(name, packageName))).toEqual([]);
});

test.each([
  ['WorkQueue', 'workqueue', true],
  ['WorkQueue.shutDown', 'workqueue', true],
  ['RateLimitingQueue.addAfter', 'workqueue', true], // of what it extends
  ['Ring', 'workqueue', false],
  ['WorkQueue.shutdown', 'workqueue', false],
  ['WorkQueue', 'informer', false],
  ['WorkQueue', 'nothing', false],
])('of %s in @kubeloop/%s it is %s that it is exported', (name, packageName, expected) => {
  expect(isExported(name, packageName)).toBe(expected);
});

test('there are names in the tables', () => {
  expect(names.length).toBeGreaterThan(300);
});

test('what has no counterpart has a reason', () => {
  const missing = rows.filter(([, ours]) => ours === 'none');

  expect(missing.length).toBeGreaterThan(0);
  expect(missing.filter(([, , , reason]) => !reason)).toEqual([]);
});

test('every other row of the tables of names has a package', () => {
  const ofNames = rows.slice(rows.findIndex(([, , name]) => name === 'package'));
  const isHead = (cell = ''): boolean => cell === 'ours' || /^-+$/.test(cell);

  const without = ofNames.filter(([, ours, name]) => !name && ours !== 'none' && !isHead(ours));

  expect(without).toEqual([]);
});

test.each(filesByLine)('%s has %s lines', (files = '', lines) => {
  const count = codesIn(files).map((file) =>
    countLines(readFileSync(`${root}apps/examples/src/${file}`, 'utf8')),
  );

  expect(count.reduce((sum, each) => sum + each, 0)).toBe(Number(lines));
});

test('the sums are the sums of the lines above them', () => {
  const together = rows.flatMap((row, index) => (row[0] === 'together' ? [index] : []));
  const starts = [filesByLine[0], filesByLine[3]].map((row) => rows.indexOf(row ?? []));

  const sums = together.map((end, index) => {
    const above = rows.slice(starts[index], end);
    return [1, 3].map((column) => above.reduce((sum, row) => sum + Number(row[column]), 0));
  });

  expect(together.map((index) => [rows[index]?.[1], rows[index]?.[3]].map(Number))).toEqual(sums);
  expect(filesByLine).toHaveLength(6);
});

/** The cells of every table row of a document. */
function tableRows(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

function codesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Whether a package exports a name, or a name with this member. */
function isExported(name: string, packageName: string): boolean {
  const [exported = '', member] = name.split('.');
  if (!exportsOf(packageName).includes(exported)) return false;
  return member === undefined || membersOf(packageName, exported).includes(member);
}

/** The names that a package exports, types included. */
function exportsOf(packageName: string): readonly string[] {
  const index = `${root}packages/${packageName}/src/index.ts`;
  if (!existsSync(index)) return [];
  return [...readFileSync(index, 'utf8').matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(
    ([, list = '']) =>
      list
        .split(',')
        .map((entry) => entry.trim().replace(/^type /, ''))
        .map((entry) => entry.split(' as ').at(-1) ?? ''),
  );
}

/** The public members of a class or an interface, those that it inherits included. */
function membersOf(packageName: string, name: string): readonly string[] {
  for (const file of globSync(`${root}packages/*/src/**/*.ts`)) {
    if (!file.startsWith(`${root}packages/${packageName}/`)) continue;
    const head = String.raw`^export (?:abstract )?(?:class|interface) ${name}\b([^{]*)\{\n`;
    const found = new RegExp(String.raw`${head}([\s\S]*?)^\}`, 'm').exec(
      readFileSync(file, 'utf8'),
    );
    if (!found) continue;
    const [, heritage = '', body = ''] = found;
    const own = [
      ...body.matchAll(/^ {2}(?:(?:static|async|override|readonly|get) )*(\w+)[?<(:]/gm),
    ].map(([, member = '']) => member);
    const parents = [...heritage.matchAll(/(?:extends|,) (?:Omit<)?(\w+)/g)];
    return [...own, ...parents.flatMap(([, parent = '']) => membersOf(packageName, parent))];
  }
  return [];
}
