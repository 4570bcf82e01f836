/** What one peer does with all objects on one server. */
export interface ThroughputRow {
  readonly server: string;
  readonly work: string;
  readonly peer: string;
  /** From the start of the process. */
  readonly perSecond: number;
  /** From the first reconcile. */
  readonly reconcilingPerSecond: number;
  /** From the start of the process to the last reconcile. */
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** How long one peer takes from a change to its reconcile. */
export interface LatencyRow {
  readonly server: string;
  readonly peer: string;
  readonly changes: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly cpuMsPerChange: number;
}

/** What the others are compared with. */
const baseline = 'controller-runtime';

/** The rows as a Markdown table; in brackets, how many times controller-runtime's of the same server and work. */
export function throughputTable(rows: readonly ThroughputRow[]): string {
  return tableOf(
    ['server', 'work', 'controller'],
    ['reconciles/s from process start', 'from first reconcile', 'CPU s', 'peak MB'],
    rows.map((row) => {
      const base = baseOf(row, rows);
      return [
        row.server,
        row.work,
        row.peer,
        withRatio(row.perSecond, base?.perSecond, 0),
        withRatio(row.reconcilingPerSecond, base?.reconcilingPerSecond, 0),
        withRatio(row.cpuSeconds, base?.cpuSeconds, 2),
        withRatio(row.peakMegabytes, base?.peakMegabytes, 0),
      ];
    }),
  );
}

/** The rows as a Markdown table. */
export function latencyTable(rows: readonly LatencyRow[]): string {
  return tableOf(
    ['server', 'controller'],
    ['changes', 'median ms', '99th percentile ms', 'CPU ms per change'],
    rows.map((row) => {
      const base = baseOf(row, rows);
      return [
        row.server,
        row.peer,
        String(row.changes),
        withRatio(row.medianMs, base?.medianMs, 2),
        withRatio(row.p99Ms, base?.p99Ms, 2),
        withRatio(row.cpuMsPerChange, base?.cpuMsPerChange, 2),
      ];
    }),
  );
}

/** @param base - controller-runtime's, or nothing where there is nothing to compare with */
function withRatio(value: number, base: number | undefined, digits: number): string {
  const text = value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return base === undefined ? text : `${text} (${(value / base).toFixed(2)}×)`;
}

/** What a row is compared with: controller-runtime's of the same server and work. */
function baseOf<
  R extends { readonly server: string; readonly peer: string; readonly work?: string },
>(row: R, rows: readonly R[]): R | undefined {
  if (row.peer === baseline) return undefined;
  return rows.find(
    ({ server, work, peer }) => server === row.server && work === row.work && peer === baseline,
  );
}

function tableOf(
  words: readonly string[],
  numbers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const rule = [...words.map(() => '---'), ...numbers.map(() => '---:')];
  return [[...words, ...numbers], rule, ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
