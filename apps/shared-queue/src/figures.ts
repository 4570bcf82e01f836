import { readFileSync } from 'node:fs';

import { figuresFile } from './testing/figures.ts';

// Prints what the tests measured last, as a table in Markdown: node src/figures.ts

type Line = Readonly<Record<string, number | string | boolean>>;

const latest = new Map<string, Line>();
for (const text of readFileSync(figuresFile, 'utf8').split('\n').filter(Boolean)) {
  // The tests wrote it.
  const line = JSON.parse(text) as Line;
  latest.set(String(line['story']), line);
}

const rows = [...latest].map(([story, { at: _at, seed: _seed, story: _story, ...figures }]) => {
  const shown = Object.entries(figures).map(
    ([name, value]) => `${wordsOf(name)} ${shownAs(name, value)}`,
  );
  return `| ${story} | ${shown.join(', ')} |`;
});
console.log(['| story | figures |', '| --- | --- |', ...rows].join('\n'));

/** `firstStartMs` becomes `first start`: the unit goes to the number. */
function wordsOf(name: string): string {
  return name
    .replace(/(?:Ms|Mb|Percent)$/u, '')
    .replace(/PerS$/u, ' per second')
    .replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
}

function shownAs(name: string, value: number | string | boolean): string {
  const unit = name.endsWith('Ms')
    ? ' ms'
    : name.endsWith('Mb')
      ? ' MB'
      : name.endsWith('Percent')
        ? ' %'
        : '';
  const rounded = typeof value === 'number' && Math.abs(value) >= 10 ? Math.round(value) : value;
  return `${rounded}${unit}`;
}
