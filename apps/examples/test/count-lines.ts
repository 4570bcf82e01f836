// Counts lines of code: those that are neither blank nor comment. Go and TypeScript share their comments.
//
//   node test/count-lines.ts <file> …

import { readFileSync } from 'node:fs';

/** The number of lines that hold code. A comment behind code does not take its line away. */
export function countLines(source: string): number {
  let isInComment = false;
  let count = 0;
  for (const line of source.split('\n')) {
    const { hasCode, isOpen } = scan(line, isInComment);
    isInComment = isOpen;
    if (hasCode) count += 1;
  }
  return count;
}

/** Looks at one line. Texts in quotes may hold what looks like a comment; none may hold a line break. */
function scan(line: string, isInComment: boolean): { hasCode: boolean; isOpen: boolean } {
  let hasCode = false;
  let isOpen = isInComment;
  const parts = line.matchAll(/\/\*|\*\/|\/\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\S/g);
  for (const [part] of parts) {
    if (isOpen) isOpen = part !== '*/';
    else if (part === '//') break;
    else if (part === '/*') isOpen = true;
    else hasCode = true;
  }
  return { hasCode, isOpen };
}

if (import.meta.main)
  for (const file of process.argv.slice(2))
    console.log(`${countLines(readFileSync(file, 'utf8'))}\t${file}`);
