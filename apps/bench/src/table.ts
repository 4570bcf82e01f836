/** One line of the table. */
export interface Row {
  readonly title: string;
  /** What one operation is. */
  readonly per: string;
  /** Nanoseconds per operation of ours. */
  readonly node: number;
  /** The same of the Go library, if it was measured. */
  readonly go: number | undefined;
}

const units = [
  { name: 'ns', size: 1 },
  { name: 'µs', size: 1e3 },
  { name: 'ms', size: 1e6 },
  { name: 's', size: 1e9 },
] as const;

/** The rows as a Markdown table, with how many times as long ours takes. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ title, per, node, go }) =>
      `| ${title} | ${per} | ${durationOf(node)} | ${go === undefined ? '–' : durationOf(go)} | ${ratioOf(node, go)} |`,
  );
  return [
    '| benchmark | per | Node | Go | Node ÷ Go |',
    '| --- | --- | ---: | ---: | ---: |',
    ...lines,
  ].join('\n');
}

/** Nanoseconds with three significant digits, in the unit that suits them. */
export function durationOf(ns: number): string {
  const unit = units.findLast(({ size }) => ns >= size) ?? units[0];
  return `${threeDigits(ns / unit.size)} ${unit.name}`;
}

function ratioOf(node: number, go: number | undefined): string {
  return go === undefined || go === 0 ? '–' : `${(node / go).toFixed(2)}×`;
}

/** Not `toPrecision`, which writes 1000 as 1.00e+3. */
function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}
