import { expect, test } from 'vitest';
import { countLines } from './count-lines.ts';

test.each([
  ['code', 'a\nb\n', 2],
  ['blank lines', '\n  \n\t\na\n', 1],
  ['line comments', '// a\n  // b\nc // d\n', 1],
  ['block comments', '/*\n a\n*/\nb /* c */\n/* d */ e\n/* f */\n', 2],
  ['what looks like a comment in a text', `a("//b")\nc('/*')\nd(\`//\`)\n`, 3],
  ['an apostrophe in a comment', `/* it's\n// x */ b\n`, 1],
])('%s', (_what, source, lines) => {
  expect(countLines(source)).toBe(lines);
});
