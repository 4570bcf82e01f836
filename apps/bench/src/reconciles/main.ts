// Measures a whole controller, beside the same one in controller-runtime where Go is there, and prints two tables.
//
//   pnpm turbo run build && node src/reconciles/main.ts [--objects 10000] [--workers 8] [--runs 3] [--changes 1000]
//     [--changes-per-second 50] [--no-go] [--no-control-plane] [--no-in-process]

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { seedGadgets } from './gadgets.ts';
import { measureLatency, measureThroughput, type Sizes } from './measure.ts';
import { consistentKubeloop, controllerRuntime, kubeloop, type Peer } from './peers.ts';
import { latencyTable, type LatencyRow, throughputTable, type ThroughputRow } from './report.ts';
import { type BenchServer, startControlPlane, startInProcessServer } from './servers.ts';

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    objects: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '8' },
    runs: { type: 'string', default: '3' },
    changes: { type: 'string', default: '1000' },
    'changes-per-second': { type: 'string', default: '50' },
    go: { type: 'boolean', default: true },
    'in-process': { type: 'boolean', default: true },
    'control-plane': { type: 'boolean', default: true },
  },
});
const sizes: Sizes = {
  objects: countOf('objects'),
  workers: countOf('workers'),
  runs: countOf('runs'),
  changes: countOf('changes'),
  changesPerSecond: countOf('changes-per-second'),
};

const throughput: ThroughputRow[] = [];
const latency: LatencyRow[] = [];
const ours = [kubeloop(process.execArgv)];
const writing = [...ours, consistentKubeloop(process.execArgv)];
const theirs = await findTheirs();
if (options['in-process']) await measure(await startInProcessServer(process.execArgv));
if (options['control-plane']) {
  const controlPlane = await startControlPlane();
  if ('missing' in controlPlane) console.error(`Without a control plane: ${controlPlane.missing}`);
  else await measure(controlPlane);
}
const date = new Date().toISOString().slice(0, 10);
console.log(`${date}, ${availableParallelism()} cores, node ${process.version}`);
console.log(`${sizes.objects} objects, ${sizes.workers} workers, medians of ${sizes.runs} runs\n`);
console.log(throughputTable(throughput));
console.log(`\n${sizes.changesPerSecond} changes a second\n`);
console.log(latencyTable(latency));

async function findTheirs(): Promise<readonly Peer[]> {
  if (!options.go) return [];
  const peer = await controllerRuntime();
  if (!('missing' in peer)) return [peer];
  console.error(`Without controller-runtime: ${peer.missing}`);
  return [];
}

async function measure(server: BenchServer): Promise<void> {
  try {
    console.error(`${server.title}: ${sizes.objects} objects`);
    await seedGadgets(server.client, sizes.objects);
    for (const work of ['no-op', 'status'] as const) {
      console.error(`${server.title}: ${work}`);
      // What writes nothing has nothing to be consistent with.
      const peers = [...(work === 'status' ? writing : ours), ...theirs];
      throughput.push(...(await measureThroughput(server, peers, { work, sizes })));
    }
    for (const peer of [...ours, ...theirs]) {
      console.error(`${server.title}: latency of ${peer.title}`);
      latency.push(await measureLatency(server, peer, sizes));
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

function countOf(name: 'objects' | 'workers' | 'runs' | 'changes' | 'changes-per-second'): number {
  const count = Number(options[name]);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(
      `Cannot measure with --${name} ${options[name]}: give a whole number from 1 up`,
    );
  return count;
}
