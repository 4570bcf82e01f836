// Checks docs/semantics/*.md: that every test they name is still there, and is not skipped.
//
//   node scripts/semantics-check.ts
//
// A row of a table is `| id | promise | tests |`. Its tests are parts separated by <br>, each `[text](file)`, or
// `[text](file) title`, or a further `title` of the file before. A title may be quoted, may be written as `describe > test`,
// and may end in `…` to name all tests that begin like that, as test.each makes them. Placeholders such as `$name` and `%s`
// are written as in the file. An id stands in one row only; a row without an id continues the one before.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A test or describe of a test file. */
interface Title {
  readonly text: string;
  readonly offset: number;
  readonly isSkipped: boolean;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const titlesByFile = new Map<string, readonly Title[]>();
const rowById = new Map<string, string>();
const problems: string[] = [];
let named = 0;

const documents = globSync('docs/semantics/*.md', { cwd: root }).toSorted();
for (const document of documents) checkDocument(document);
if (documents.length === 0) problems.push('There are no documents in docs/semantics');
for (const problem of problems) console.error(problem);
console.log(
  `${named} tests named by ${rowById.size} rows of ${documents.length} documents, ${problems.length} problems`,
);
process.exit(problems.length === 0 ? 0 : 1);

function checkDocument(document: string): void {
  const lines = readFileSync(join(root, document), 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    const where = `${document}:${index + 1}`;
    const [id, promise, tests] = cellsOf(line);
    if (id === undefined || !/^[A-Z]{2,3}-?\d{2}[a-z]?$/.test(id)) continue;
    const earlier = rowById.get(id);
    if (earlier !== undefined) problems.push(`${where}: ${id} has a row already, at ${earlier}`);
    rowById.set(id, where);
    if (promise === undefined || promise === '') problems.push(`${where}: ${id} promises nothing`);
    checkTests(tests ?? '', { id, where, folder: dirname(join(root, document)) });
  }
}

function checkTests(
  cell: string,
  { id, where, folder }: { id: string; where: string; folder: string },
): void {
  let file: string | undefined;
  for (const part of cell.split(/<br\s*\/?>/).map((text) => text.trim())) {
    const [, target, afterLink] = /^\[[^\]]+\]\(([^)#]+)[^)]*\)(.*)$/s.exec(part) ?? [];
    if (target !== undefined) file = resolve(folder, target);
    if (file === undefined) {
      problems.push(`${where}: ${id} names no file of tests`);
      return;
    }
    if (!existsSync(file)) {
      problems.push(`${where}: ${id} names the file ${relative(root, file)}, which is not there`);
      return;
    }
    const title = unquoted(afterLink ?? part);
    if (title === '') continue;
    named += 1;
    const problem = problemOf(title, file);
    if (problem !== undefined)
      problems.push(
        `${where}: ${id} names the test "${title}" of ${relative(root, file)}, ${problem}`,
      );
  }
}

/** What is wrong with a title that a document names, if anything. */
function problemOf(path: string, file: string): string | undefined {
  const all = titlesOf(file);
  let found = all.filter(({ text }) => matches(text, path));
  if (found.length === 0 && path.includes(' > ')) {
    const steps = path.split(' > ');
    let from = -1;
    for (const [depth, step] of steps.entries()) {
      found = all.filter(({ text, offset }) => offset > from && matches(text, step));
      from = depth < steps.length - 1 ? (found[0]?.offset ?? Infinity) : from;
    }
  }
  if (found.length === 0) return 'but there is no test of this title: rename it here or there';
  return found.every(({ isSkipped }) => isSkipped) ? 'which is skipped' : undefined;
}

/** Whether a title of a test file is the one that is named: exactly, as a prefix, or with its placeholders filled in. */
function matches(text: string, name: string): boolean {
  if (text === name) return true;
  if (name.endsWith('…')) return text.startsWith(name.slice(0, -1).trimEnd());
  const parts = text.split(/\$\{[^}]*\}|\$[\w.]+|%[sdifjo]/);
  if (parts.length === 1 || parts.join('').trim() === '') return false;
  const literally = parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  return new RegExp(`^${literally.join('.+')}$`, 's').test(name);
}

function titlesOf(file: string): readonly Title[] {
  const known = titlesByFile.get(file);
  if (known) return known;
  const source = readFileSync(file, 'utf8');
  const titles: Title[] = [];
  // `test('…'`, `describe.skip("…"`, and what follows `test.each([…])(` or test.each`…`(.
  const pattern =
    /(?:\b(?<call>(?:test|it|describe)(?:\.\w+)*)\s*\(|(?:\)|`)\()\s*(?<quote>['"`])(?<text>(?:\\.|(?!\k<quote>).)*)\k<quote>/gs;
  for (const match of withoutComments(source).matchAll(pattern)) {
    titles.push({
      text: (match.groups?.['text'] ?? '').replaceAll(/\\(['"`\\])/g, '$1'),
      offset: match.index,
      isSkipped: /\.(?:skip|todo)\b/.test(match.groups?.['call'] ?? ''),
    });
  }
  titlesByFile.set(file, titles);
  return titles;
}

/** Lines that are comments, emptied: a test that was commented out is gone. */
function withoutComments(source: string): string {
  return source.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
}

/** The cells of a row of a table; a `\|` is part of a cell. */
function cellsOf(line: string): string[] {
  if (!line.trimStart().startsWith('|')) return [];
  return line
    .split(/(?<!\\)\|/)
    .slice(1)
    .map((cell) => cell.replaceAll('\\|', '|').trim());
}

/** A title without the punctuation around it. */
function unquoted(text: string): string {
  const bare = text.trim().replace(/^[:·–—-]\s*/, '');
  return (
    /^(?:`(?<code>.+)`|\*(?<emphasis>.+)\*|"(?<straight>.+)"|“(?<curly>.+)”)$/s
      .exec(bare)
      ?.slice(1)
      .find((group) => group !== undefined) ?? bare
  );
}
