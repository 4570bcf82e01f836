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
  readonly summaries: readonly Summary[];
}

/** What a page says of where its figures come from. */
export interface Provenance {
  /** How to get them again. */
  readonly command: string;
  /** Which server there was. */
  readonly kind: 'prepared' | 'real';
}

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
export async function sectionOf(runs: readonly Run[], from: Provenance): Promise<string> {
  const parts = [`${await machine()}. \`${from.command}\``];
  for (const { objects, churn, rounds, summaries } of runs) {
    const medians = rounds === 1 ? 'one round' : `medians of ${rounds} rounds`;
    parts.push(
      `### ${amount(objects)} pods, ${amount(churn)} updates, ${from.kind === 'real' ? 'a real control plane' : 'a server with prepared answers'}`,
      `${medians[0]?.toUpperCase()}${medians.slice(1)}.`,
      tableOf(summaries),
      ratiosOf(summaries),
    );
  }
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Writes the section between its markers in docs/performance.md, and its pictures beside it. */
export async function writePage(runs: readonly Run[], from: Provenance): Promise<void> {
  const links: string[] = [];
  await mkdir(`${docs}performance`, { recursive: true });
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
    const file = `informers-${from.kind}-${name}.svg`;
    await writeFile(`${docs}performance/${file}`, barChart(title, unit, panels));
    links.push(`![${title}](performance/${file})`);
  }
  await writeFile(
    `${docs}performance/informers-${from.kind}.json`,
    `${JSON.stringify({ ...from, runs }, undefined, 2)}\n`,
  );
  const path = `${docs}performance.md`;
  const page = await readFile(path, 'utf8');
  const section = `${await sectionOf(runs, from)}\n\n${links.join('\n')}`;
  await writeFile(path, replaceBetween(page, `informers-${from.kind}`, section));
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

/** The day, the machine and the versions. */
async function machine(): Promise<string> {
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
