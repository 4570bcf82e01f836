// Measures the packages, and client-go and controller-runtime beside them where Go is there, and prints a table.
//
//   node --conditions=@kubeloop/source src/main.ts [--quick] [--no-go] [name …]

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { buildGo, type GoProgram } from './go.ts';
import { informerBenchmarks } from './informers.ts';
import { priorityQueueBenchmarks } from './priority-queues.ts';
import { statisticOf } from './statistics.ts';
import { storeBenchmarks } from './stores.ts';
import { type Row, tableOf } from './table.ts';
import { workQueueBenchmarks } from './work-queues.ts';

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    /** Smaller sizes and fewer rounds. */
    quick: { type: 'boolean', default: false },
    /** Whether the Go libraries are measured, too. */
    go: { type: 'boolean', default: true },
  },
});

const limits = { quick: options.quick, budgetMs: options.quick ? 200 : 2000 };
const all = [
  ...workQueueBenchmarks,
  ...priorityQueueBenchmarks,
  ...storeBenchmarks,
  ...informerBenchmarks,
];
const chosen = all.filter(
  ({ id }) => words.length === 0 || words.some((word) => id.includes(word)),
);

const go = options.go ? await tryGo() : undefined;
const rows: Row[] = [];
for (const benchmark of chosen) {
  console.error(benchmark.id);
  rows.push(...(await rowsOf(benchmark, go)));
}
const versions = Object.entries({ node: process.version, ...go?.versions });
console.log(`${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores`);
console.log(`${versions.map((version) => version.join(' ')).join(', ')}\n`);
if (limits.quick) console.log('A quick run: where it says 1M, it was 100k, or was left out.\n');
console.log(tableOf(rows));

/** Measures both sides one right after the other, so that what else the machine does falls on both. */
async function rowsOf({ id, lines, sample }: Benchmark, go?: GoProgram): Promise<Row[]> {
  const ours = await sample(limits);
  if (!ours) return [];
  const theirs = await go?.sample(id);
  return lines.map(({ title, per, statistic }) => ({
    title,
    per,
    node: statisticOf(statistic, ours),
    go: theirs && statisticOf(statistic, theirs),
  }));
}

async function tryGo(): Promise<GoProgram | undefined> {
  try {
    return await buildGo(limits.quick);
  } catch (error) {
    console.error(`Without Go: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
