// Our controller in a process of its own; go/cmd/reconciles is the same in controller-runtime.
//
// It reconciles each Gadget once, says `done` when it has reconciled as many as it was told, and goes on until standard
// input ends. On the line `report` it says what it has measured. It says one JSON object a line.

import { KubeClient } from '@kubeloop/client';
import { generationChanged, Manager, type Reconciler } from '@kubeloop/controller';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Gadget, gadgets, nowUs } from './gadgets.ts';

const { values: options } = parseArgs({
  options: {
    work: { type: 'string', default: 'no-op' },
    objects: { type: 'string', default: '0' },
    workers: { type: 'string', default: '8' },
    round: { type: 'string', default: '1' },
    /** Writes through the client that reads its own writes. */
    consistent: { type: 'boolean', default: false },
  },
});
const { BENCH_SERVER, BENCH_TOKEN, BENCH_CA_FILE } = process.env;
const objects = Number(options.objects);
const round = Number(options.round);
const startedUs = nowUs();

const client = new KubeClient({
  server: BENCH_SERVER ?? '',
  ...(BENCH_TOKEN ? { token: BENCH_TOKEN } : {}),
  ...(BENCH_CA_FILE ? { caFile: BENCH_CA_FILE } : { skipTLSVerify: true }),
});
const manager = new Manager({ client });
const cache = manager.informerFor(gadgets).lister;
const writer = options.consistent
  ? manager.consistentClient.resource(gadgets)
  : client.resource(gadgets);

const latenciesUs: number[] = [];
const seen = new Map<string, number>();
let count = 0;
let firstUs = 0;

const works: Readonly<Record<string, (gadget: Gadget, startUs: number) => Promise<void> | void>> = {
  'no-op': () => undefined,
  status: async ({ metadata }) => {
    const status = { observedGeneration: metadata.generation, round, phase: 'Ready' };
    const target = writer.namespace(metadata.namespace);
    await target.patchStatus(metadata.name, { status }, { type: 'merge' });
  },
  latency: ({ metadata, spec: { sentAtUs = 0 } }, startUs) => {
    if (sentAtUs <= startedUs || sentAtUs <= (seen.get(metadata.name) ?? 0)) return;
    seen.set(metadata.name, sentAtUs);
    latenciesUs.push(startUs - sentAtUs);
  },
};
const work = works[options.work];
if (!work) throw new Error(`Cannot do "${options.work}": it is not no-op, status or latency`);

const reconcile: Reconciler = async ({ namespace, name }) => {
  const startUs = nowUs();
  const gadget = cache.byNamespace(namespace).get(name);
  if (!gadget) return;
  await work(gadget, startUs);
  firstUs ||= startUs;
  count += 1;
  if (count === objects)
    say({
      event: 'done',
      atUs: nowUs(),
      firstUs,
      ...cost(),
      peakRssKb: process.resourceUsage().maxRSS,
    });
};

manager
  .controller('gadget')
  .for(gadgets, { predicates: [generationChanged] })
  .withOptions({ maxConcurrentReconciles: Number(options.workers) })
  .reconcile(reconcile);

const stop = new AbortController();
const running = manager.run({ signal: stop.signal });
const commands = createInterface({ input: process.stdin });
commands.on('line', (line) => {
  if (line === 'report') say({ event: 'report', latenciesUs, ...cost() });
});
commands.on('close', () => stop.abort());
try {
  await running;
} finally {
  await client.close();
}

/** The processor time of this process so far. */
function cost(): { readonly cpuMs: number } {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000 };
}

function say(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
