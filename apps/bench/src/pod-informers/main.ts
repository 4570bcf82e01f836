// Measures informers of all pods beside each other, prints a table, and puts it into docs/performance.md.
//
//   npm run bench -- [--objects N,…] [--churn N] [--peers a,b] [--rounds N] [--real] [--source] [--no-write]

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type Failure, measure, type Measurement } from './measure.ts';
import { machineOf, type Run, sectionOf, writePage } from './page.ts';
import { isPeerId, type PeerProgram, peerTitles, preparePeers } from './peers.ts';
import { startPreparedSource, startRealSource } from './sources.ts';
import { summaryOf } from './summary.ts';

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    /** How many pods there are; several sizes, separated by commas, one after the other. */
    objects: { type: 'string', default: '1000,20000,100000' },
    /** How many updates there are once all pods are in memory. */
    churn: { type: 'string', default: '50000' },
    /** Which of the peers take part; all by default. */
    peers: { type: 'string', default: Object.keys(peerTitles).join(',') },
    /** How often each peer is run; the table has the medians. */
    rounds: { type: 'string', default: '3' },
    /** On a real control plane over TLS instead of the server with prepared answers. */
    real: { type: 'boolean', default: false },
    /** Runs our packages from their sources, without a build: they then start more slowly. */
    source: { type: 'boolean', default: false },
    /** Whether docs/performance.md is written. */
    write: { type: 'boolean', default: true },
  },
});

const sizes = options.objects.split(',').map((word) => countOf('--objects', word));
const churn = countOf('--churn', options.churn);
const rounds = countOf('--rounds', options.rounds);
const ids = options.peers.split(',').map((id) => {
  if (isPeerId(id)) return id;
  throw new RangeError(
    `Cannot measure peer "${id}": the peers are ${Object.keys(peerTitles).join(', ')}`,
  );
});

if (!options.source) {
  console.error('Building the packages');
  await promisify(execFile)('pnpm', ['turbo', 'run', 'build', '--filter=./packages/*'], {
    cwd: fileURLToPath(new URL('../../../../', import.meta.url)),
    maxBuffer: 64 * 1024 * 1024,
  });
}
console.error('Building the peers');
const { programs, missing } = await preparePeers(ids, options.source);
for (const reason of missing) console.error(`Left out: ${reason}`);

const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`.replace(/ --( )?$/, '');
const machine = await machineOf();
const runs: Run[] = [];
for (const objects of sizes) runs.push(await runAll(objects));
const kind = options.real ? 'real' : 'prepared';
console.log(sectionOf(runs, kind));
if (options.write) await writePage(runs, kind);

/** Runs all peers in turn, so that what else the machine does falls on all of them. */
async function runAll(objects: number): Promise<Run> {
  const source = await (options.real ? startRealSource : startPreparedSource)(objects);
  try {
    const measured = new Map<PeerProgram, (Measurement | Failure)[]>(
      programs.map((program) => [program, []]),
    );
    for (let round = 1; round <= rounds; round += 1) {
      for (const [program, results] of measured) {
        const result = await measure(program, source, churn);
        results.push(result);
        console.error(`${objects} pods, round ${round}, ${program.id}: ${lineOf(result)}`);
      }
    }
    const summaries = [...measured].map(([program, results]) => summaryOf(program, results));
    return { objects, churn, rounds, machine, command, summaries };
  } finally {
    await source[Symbol.asyncDispose]();
  }
}

function lineOf(result: Measurement | Failure): string {
  if ('failure' in result) return result.failure;
  const { sync, resident, churn: updates, faults } = result;
  const figures = [
    `sync ${(sync.cpuMs / 1e3).toFixed(2)} s`,
    `${(resident / 1e6).toFixed(0)} MB`,
    `churn ${(updates.cpuMs / 1e3).toFixed(2)} s`,
  ];
  return [...figures, ...faults].join(', ');
}

function countOf(name: string, word: string): number {
  const count = Number(word);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`Cannot run with ${name} ${word}: it must be a whole number above 0`);
  return count;
}
