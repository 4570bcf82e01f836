import { cpus } from 'node:os';

import type { FaultOutcome, PhaseOutcome } from './outcome.ts';

/** What a report is about. */
export interface ReportSubject {
  readonly subject: string;
  readonly settings: string;
  readonly seed: number;
  /** The versions and the machine, in words. */
  readonly versions: readonly string[];
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** A run in numbers. */
export interface Summary {
  readonly subject: string;
  readonly settings: string;
  readonly seed: number;
  readonly faults: number;
  readonly survived: number;
  /** Faults that were made good in the end, but too late; known only with `--patience`. */
  readonly late: number;
  /** Objects that a cache lacked or had too much when an audit's time was over, summed over all faults. */
  readonly missing: number;
  /** Objects that a cache had an old version of then. */
  readonly stale: number;
  /** After a fault, in milliseconds; at least the limit where something was not made good in time. */
  readonly longestStalenessMs: number;
  /** How often the subject ended by itself. */
  readonly died: number;
  readonly checks: { readonly passed: number; readonly failed: number };
  readonly writes: number;
  readonly events: number;
  readonly reconciles: number;
  readonly errors: number;
  /** How many reported errors of each kind. */
  readonly errorKinds: Readonly<Record<string, number>>;
  readonly memory: readonly string[];
  readonly byFault: Readonly<Record<string, { readonly survived: number; readonly of: number }>>;
}

/** Adds the phases of a run up. */
export function summarize(about: ReportSubject, phases: readonly PhaseOutcome[]): Summary {
  const faults = phases.flatMap((phase) => phase.faults);
  const checks = phases.flatMap((phase) => phase.checks);
  const sum = <T>(list: readonly T[], count: (item: T) => number): number =>
    list.reduce((total, item) => total + count(item), 0);
  const passed = checks.filter(({ isFine }) => isFine).length;
  return {
    subject: about.subject,
    settings: about.settings,
    seed: about.seed,
    faults: faults.length,
    survived: faults.filter(({ isFine }) => isFine).length,
    late: faults.filter(({ isFine, isLate }) => !isFine && isLate).length,
    missing: sum(faults, ({ missing }) => missing),
    stale: sum(faults, ({ stale }) => stale),
    longestStalenessMs: faults.reduce((most, { stalenessMs }) => Math.max(most, stalenessMs), 0),
    died: faults.filter(({ died }) => died).length,
    checks: { passed, failed: checks.length - passed },
    writes: sum(phases, ({ writes }) => writes),
    events: sum(phases, ({ events }) => events),
    reconciles: sum(phases, ({ reconciles }) => reconciles),
    errors: sum(phases, ({ errors }) => errors),
    errorKinds: added(phases.map(({ errorKinds }) => errorKinds)),
    memory: checks
      .filter(({ check }) => check.startsWith('memory'))
      .map(({ phase, details }) => `${phase}: ${details}`),
    byFault: byFault(faults),
  };
}

/** A run as a page. */
export function markdownReport(about: ReportSubject, summary: Summary): string {
  const { subject, survived, faults, missing, stale, longestStalenessMs, died, checks } = summary;
  const lines = [
    `# ${subject} (${about.settings}), seed ${about.seed}`,
    '',
    ...about.versions.map((version) => `- ${version}`),
    `- ${Math.round(about.durationMs / 1000)} s`,
    '',
    '| | |',
    '| --- | --- |',
    `| faults survived | ${survived} of ${faults} |`,
    `| made good later than after 15 s | ${summary.late} |`,
    `| objects missing or too many | ${missing} |`,
    `| objects stale | ${stale} |`,
    `| longest staleness | ${(longestStalenessMs / 1000).toFixed(1)} s |`,
    `| died | ${died} |`,
    `| checks at the end of phases | ${checks.passed} passed, ${checks.failed} failed |`,
    `| writes | ${summary.writes} |`,
    `| handler calls, reconciles, reported errors | ${summary.events}, ${summary.reconciles}, ${summary.errors} |`,
    ...summary.memory.map((text) => `| memory | ${text} |`),
    '',
    '| fault | survived |',
    '| --- | --- |',
    ...Object.entries(summary.byFault).map(
      ([name, { survived: well, of }]) => `| ${name} | ${well} of ${of} |`,
    ),
    '',
    '| reported error | times |',
    '| --- | --- |',
    ...Object.entries(summary.errorKinds).map(
      ([kind, times]) => `| ${kind.replaceAll(/[|\n]/g, ' ')} | ${times} |`,
    ),
    '',
  ];
  return lines.join('\n');
}

/** The machine in words. */
export function machine(): string {
  const all = cpus();
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${all.length} cores of ${all[0]?.model.trim() ?? 'unknown'}`;
}

function byFault(faults: readonly FaultOutcome[]): Summary['byFault'] {
  const counts: Record<string, { survived: number; of: number }> = {};
  for (const { fault, isFine } of faults) {
    // Pairs go by their first fault.
    const name = fault.split(' + ')[0] ?? fault;
    const count = (counts[name] ??= { survived: 0, of: 0 });
    count.of += 1;
    if (isFine) count.survived += 1;
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Counts added up, the most frequent first. */
function added(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [kind, count] of counts.flatMap((each) => Object.entries(each)))
    sums[kind] = (sums[kind] ?? 0) + count;
  return Object.fromEntries(Object.entries(sums).sort(([, a], [, b]) => b - a));
}
