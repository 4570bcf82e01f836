import { statisticOf } from '../statistics.ts';
import type { Failure, Measurement, Phase } from './measure.ts';
import type { PeerProgram } from './peers.ts';

/** Medians of all rounds of one peer, or why there are none. */
export interface Summary {
  readonly id: string;
  readonly title: string;
  readonly figures: Figures | undefined;
  /** What it did wrong in any round, or why it has no figures. */
  readonly faults: readonly string[];
}

/** Seconds, megabytes (of a million bytes) and milliseconds. */
export interface Figures {
  readonly startS: number;
  readonly syncS: number;
  readonly syncPeakMb: number;
  readonly syncBlockMs: number | undefined;
  readonly syncTimerMs: number | undefined;
  readonly residentMb: number;
  readonly relistS: number | undefined;
  readonly relistPeakMb: number | undefined;
  readonly churnS: number;
  readonly churnBlockMs: number | undefined;
  readonly churnTimerMs: number | undefined;
}

/** Makes one summary of the rounds of a peer. */
export function summaryOf(
  { id, title }: PeerProgram,
  rounds: readonly (Measurement | Failure)[],
): Summary {
  const failures = rounds.flatMap((round) => ('failure' in round ? [round.failure] : []));
  const measured = rounds.flatMap((round) => ('failure' in round ? [] : [round]));
  const faults = [...new Set([...failures, ...measured.flatMap((round) => round.faults)])];
  return { id, title, figures: measured.length > 0 ? figuresOf(measured) : undefined, faults };
}

function figuresOf(rounds: readonly Measurement[]): Figures {
  const median = (pick: (round: Measurement) => number | undefined): number | undefined => {
    const values = rounds.map(pick).filter((value) => value !== undefined);
    return values.length > 0 ? statisticOf('median', values) : undefined;
  };
  const must = (pick: (round: Measurement) => number): number => median(pick) ?? Number.NaN;
  const scaled =
    (part: (round: Measurement) => Phase | undefined, name: keyof Phase, size: number) =>
    (round: Measurement): number | undefined => {
      const value = part(round)?.[name];
      return value === undefined ? undefined : value / size;
    };
  return {
    startS: must((round) => round.startCpuMs / 1e3),
    syncS: must((round) => round.sync.cpuMs / 1e3),
    syncPeakMb: must((round) => round.sync.peak / 1e6),
    syncBlockMs: median(scaled((round) => round.sync, 'blockMs', 1)),
    syncTimerMs: median(scaled((round) => round.sync, 'timerP99Ms', 1)),
    residentMb: must((round) => round.resident / 1e6),
    relistS: median(scaled((round) => round.relist, 'cpuMs', 1e3)),
    relistPeakMb: median(scaled((round) => round.relist, 'peak', 1e6)),
    churnS: must((round) => round.churn.cpuMs / 1e3),
    churnBlockMs: median(scaled((round) => round.churn, 'blockMs', 1)),
    churnTimerMs: median(scaled((round) => round.churn, 'timerP99Ms', 1)),
  };
}

interface Column {
  readonly title: string;
  readonly pick: (figures: Figures) => number | undefined;
  readonly digits: number;
}

const columns: readonly Column[] = [
  { title: 'sync CPU s', pick: (figures) => figures.syncS, digits: 2 },
  { title: 'of it start', pick: (figures) => figures.startS, digits: 2 },
  { title: 'resident MB', pick: (figures) => figures.residentMb, digits: 0 },
  { title: 'peak MB', pick: (figures) => figures.syncPeakMb, digits: 0 },
  { title: 'block ms', pick: (figures) => figures.syncBlockMs, digits: 0 },
  { title: '10 ms timer p99', pick: (figures) => figures.syncTimerMs, digits: 0 },
  { title: 'relist CPU s', pick: (figures) => figures.relistS, digits: 2 },
  { title: 'relist peak MB', pick: (figures) => figures.relistPeakMb, digits: 0 },
  { title: 'churn CPU s', pick: (figures) => figures.churnS, digits: 2 },
  { title: 'churn block ms', pick: (figures) => figures.churnBlockMs, digits: 0 },
  { title: 'churn timer p99', pick: (figures) => figures.churnTimerMs, digits: 0 },
];

/** The summaries as a Markdown table, with what went wrong below it. */
export function tableOf(summaries: readonly Summary[]): string {
  const shown = columns.filter(({ pick }) =>
    summaries.some(({ figures }) => figures && pick(figures) !== undefined),
  );
  const lines = summaries.map(({ title, figures, faults }) => {
    const mark = faults.length > 0 ? ' ⚠' : '';
    const cells = shown.map(({ pick, digits }) => cellOf(figures && pick(figures), digits));
    return `| ${title}${mark} | ${cells.join(' | ')} |`;
  });
  const notes = summaries.flatMap(({ title, faults }) =>
    faults.map((fault) => `⚠ ${title}: ${fault.replaceAll('|', '/')}.`),
  );
  return [
    `| | ${shown.map(({ title }) => title).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(shown.length)}`,
    ...lines,
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}

/** Ours divided by others, as a Markdown table; empty when ours or all of the others are missing. */
export function ratiosOf(summaries: readonly Summary[]): string {
  const figures = (id: string): Figures | undefined =>
    summaries.find((summary) => summary.id === id)?.figures;
  const lines: string[] = [];
  for (const ours of ['kubeloop', 'kubeloop-small-heap', 'kubeloop-json']) {
    for (const theirs of summaries.map(({ id }) => id).filter((id) => !id.startsWith('kubeloop'))) {
      const [a, b] = [figures(ours), figures(theirs)];
      if (!a || !b) continue;
      const cells = [
        a.syncS / b.syncS,
        a.residentMb / b.residentMb,
        a.syncPeakMb / b.syncPeakMb,
        a.churnS / b.churnS,
      ].map((ratio) => `${ratio.toFixed(2)}×`);
      lines.push(`| ${ours} ÷ ${theirs} | ${cells.join(' | ')} |`);
    }
  }
  if (lines.length === 0) return '';
  return ['| | sync CPU | resident | peak | churn CPU |', '| --- | ---: | ---: | ---: | ---: |']
    .concat(lines)
    .join('\n');
}

function cellOf(value: number | undefined, digits: number): string {
  return value === undefined ? '–' : value.toFixed(digits);
}
