import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { barChart } from './bar-chart.ts';
import { type Figures, ratiosOf, type Summary, tableOf } from './summary.ts';

/** One run of all peers over the same pods. */
export interface Run {
  readonly objects: number;
  readonly churn: number;
  readonly rounds: number;
  /** The day, the machine and the versions. */
  readonly machine: string;
  /** How to get the figures again. */
  readonly command: string;
  readonly summaries: readonly Summary[];
}

/** Which server there was. */
export type SourceKind = 'prepared' | 'real';

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url));
const run = promisify(execFile);

const pictures: readonly {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly pick: (figures: Figures) => number | undefined;
}[] = [
  {
    name: 'sync-cpu',
    title: 'Processor time until all pods are in memory',
    unit: 's',
    pick: (figures) => figures.syncS,
  },
  {
    name: 'memory',
    title: 'Resident memory with all pods',
    unit: 'MB',
    pick: (figures) => figures.residentMb,
  },
  {
    name: 'churn-cpu',
    title: 'Processor time for the updates',
    unit: 's',
    pick: (figures) => figures.churnS,
  },
  {
    name: 'block',
    title: 'Longest block of the event loop until all pods are in memory',
    unit: 'ms',
    pick: (figures) => figures.syncBlockMs,
  },
];

/** The part of the page that a run fills. */
export function sectionOf(runs: readonly Run[], kind: SourceKind): string {
  const parts: string[] = [];
  for (const { objects, churn, rounds, machine, command, summaries } of runs) {
    const medians = rounds === 1 ? 'one round' : `medians of ${rounds} rounds`;
    parts.push(
      `### ${amount(objects)} pods, ${amount(churn)} updates, ${kind === 'real' ? 'a real control plane' : 'a server with prepared answers'}`,
      `${machine}, ${medians}: \`${command}\``,
      tableOf(summaries),
      ratiosOf(summaries),
    );
  }
  return parts.filter((part) => part !== '').join('\n\n');
}

/**
 * Writes the section between its markers in docs/performance.md, and its pictures beside it. What it has of other sizes stays.
 */
export async function writePage(newRuns: readonly Run[], kind: SourceKind): Promise<void> {
  const links: string[] = [];
  await mkdir(`${docs}performance`, { recursive: true });
  const data = `${docs}performance/informers-${kind}.json`;
  const runs = merged(await runsOf(data), newRuns);
  for (const { name, title, unit, pick } of pictures) {
    const panels = runs.map(({ objects, churn, summaries }) => ({
      title: `${amount(objects)} pods${name === 'churn-cpu' ? `, ${amount(churn)} updates` : ''}`,
      bars: summaries
        .map(({ id, title: label, figures }) => ({
          label,
          value: figures && pick(figures),
          isOurs: id.startsWith('kubeloop'),
        }))
        .filter(({ value }) => name !== 'block' || value !== undefined),
    }));
    const file = `informers-${kind}-${name}.svg`;
    await writeFile(`${docs}performance/${file}`, barChart(title, unit, panels));
    links.push(`![${title}](performance/${file})`);
  }
  await writeFile(
    data,
    `${JSON.stringify({ runs }, undefined, 2)}
`,
  );
  const path = `${docs}performance.md`;
  const page = await readFile(path, 'utf8');
  const section = `${sectionOf(runs, kind)}\n\n${links.join('\n')}`;
  await writeFile(path, replaceBetween(page, `informers-${kind}`, section));
}

/**
 * Replaces what stands between two comments of a page.
 *
 * @throws when the page lacks them
 */
export function replaceBetween(page: string, name: string, content: string): string {
  const begin = `<!-- begin ${name} -->`;
  const end = `<!-- end ${name} -->`;
  const [first, last] = [page.indexOf(begin), page.indexOf(end)];
  if (first < 0 || last < first)
    throw new Error(`Cannot write section "${name}": the page has no markers for it`);
  return `${page.slice(0, first + begin.length)}\n\n${content}\n\n${page.slice(last)}`;
}

/** The runs of a file that another run wrote; none when there is no file. */
async function runsOf(path: string): Promise<readonly Run[]> {
  try {
    // This program wrote it.
    return (JSON.parse(await readFile(path, 'utf8')) as { readonly runs: readonly Run[] }).runs;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** New runs replace old ones of their size. Smaller sizes come first. */
export function merged(old: readonly Run[], newer: readonly Run[]): Run[] {
  const bySize = new Map([...old, ...newer].map((run) => [run.objects, run]));
  return [...bySize.values()].sort((a, b) => a.objects - b.objects);
}

/** The day, the machine and the versions. */
export async function machineOf(): Promise<string> {
  const day = new Date().toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const [processor] = cpus();
  const parts = [day, `${availableParallelism()} cores (${processor?.model.trim() ?? 'unknown'})`];
  parts.push(`Node ${process.versions.node}`);
  for (const [command, option] of [
    ['go', 'version'],
    ['rustc', '--version'],
  ] as const) {
    const said = await run(command, [option]).catch(() => undefined);
    const version = /\d+\.\d+(?:\.\d+)?/.exec(said?.stdout ?? '')?.[0];
    if (version !== undefined) parts.push(`${command === 'go' ? 'Go' : 'Rust'} ${version}`);
  }
  const bench = new URL('../../', import.meta.url);
  const text = (path: string): Promise<string> => readFile(new URL(path, bench), 'utf8');
  const [goMod, lock, manifest] = await Promise.all([
    text('go/go.mod'),
    text('rust/Cargo.lock'),
    text('node_modules/@kubernetes/client-node/package.json'),
  ]);
  parts.push(`client-go ${/k8s\.io\/client-go v(\S+)/.exec(goMod)?.[1]}`);
  parts.push(`kube-rs ${/name = "kube"\nversion = "([^"]+)"/.exec(lock)?.[1]}`);
  parts.push(`@kubernetes/client-node ${/"version": "([^"]+)"/.exec(manifest)?.[1]}`);
  return parts.join(', ');
}

function amount(count: number): string {
  return count.toLocaleString('en-US');
}
