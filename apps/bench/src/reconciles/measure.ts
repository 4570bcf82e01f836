import { setTimeout as sleep } from 'node:timers/promises';
import { statisticOf } from '../statistics.ts';
import { gadgetName, gadgetNamespace, gadgets, nowUs } from './gadgets.ts';
import { type Done, type Peer, startSubject } from './peers.ts';
import type { LatencyRow, ThroughputRow } from './report.ts';
import type { BenchServer } from './servers.ts';

/** How much is measured. */
export interface Sizes {
  readonly objects: number;
  readonly workers: number;
  /** How often each peer does each work; the medians count. */
  readonly runs: number;
  /** The changes of the trickle, and how many of them a second. */
  readonly changes: number;
  readonly changesPerSecond: number;
}

let round = 0;

/** Lets the peers reconcile all objects, one after the other, as often as asked. */
export async function measureThroughput(
  server: BenchServer,
  peers: readonly Peer[],
  { work, sizes }: { readonly work: 'no-op' | 'status'; readonly sizes: Sizes },
): Promise<readonly ThroughputRow[]> {
  const results = new Map<Peer, Done[]>(peers.map((peer) => [peer, []]));
  for (let run = 0; run < sizes.runs; run += 1)
    for (const [peer, dones] of results) {
      round += 1;
      const subject = startSubject(peer, server.environment, {
        ...sizesOf(sizes),
        work,
        round,
      });
      try {
        dones.push(await subject.done);
        if (work === 'status') await checkStatuses(server, sizes.objects);
      } finally {
        await subject[Symbol.asyncDispose]();
      }
    }
  return Array.from(results, ([{ title }, dones]) => {
    const median = (name: keyof Done): number =>
      statisticOf(
        'median',
        dones.map((each) => each[name]),
      );
    return {
      server: server.title,
      work,
      peer: title,
      perSecond: (sizes.objects / median('wallMs')) * 1000,
      reconcilingPerSecond: (sizes.objects / median('reconcilingMs')) * 1000,
      cpuSeconds: median('cpuMs') / 1000,
      peakMegabytes: median('peakRssKb') / 1024,
    };
  });
}

/** Changes objects, one after the other at a steady rate, and asks how long each took to be reconciled. */
export async function measureLatency(
  server: BenchServer,
  peer: Peer,
  sizes: Sizes,
): Promise<LatencyRow> {
  round += 1;
  const subject = startSubject(peer, server.environment, {
    ...sizesOf(sizes),
    work: 'latency',
    round,
  });
  try {
    const { cpuMs } = await subject.done;
    const sent = await trickle(server, sizes);
    const report = await reportOf(subject, sent);
    const { latenciesUs } = report;
    return {
      server: server.title,
      peer: peer.title,
      changes: latenciesUs.length,
      medianMs: statisticOf('median', latenciesUs) / 1000,
      p99Ms: statisticOf('p99', latenciesUs) / 1000,
      cpuMsPerChange: (report.cpuMs - cpuMs) / sent,
    };
  } finally {
    await subject[Symbol.asyncDispose]();
  }
}

/** Sends the changes when they are due, whether or not earlier ones were answered; resolves when all were. */
async function trickle(server: BenchServer, sizes: Sizes): Promise<number> {
  const target = server.client.resource(gadgets).namespace(gadgetNamespace);
  const startedMs = performance.now();
  const answers: Promise<unknown>[] = [];
  for (let i = 0; i < sizes.changes; i += 1) {
    const waitMs = startedMs + (i * 1000) / sizes.changesPerSecond - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    // Each time another object, far from the one before.
    const name = gadgetName((i * 7919) % sizes.objects);
    const patch = { spec: { sentAtUs: nowUs() } };
    answers.push(target.patch(name, patch, { type: 'merge' }));
  }
  await Promise.all(answers);
  return sizes.changes;
}

/** Asks until all changes were reconciled. */
async function reportOf(
  subject: ReturnType<typeof startSubject>,
  changes: number,
): ReturnType<typeof subject.report> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const report = await subject.report();
    if (report.latenciesUs.length === changes) return report;
    if (performance.now() > deadline)
      throw new Error(`${report.latenciesUs.length} of ${changes} changes were reconciled`);
    await sleep(100);
  }
}

/** That the peer did its work: every object has the status of this round. */
async function checkStatuses(server: BenchServer, objects: number): Promise<void> {
  let written = 0;
  for await (const { status } of server.client.resource(gadgets).listAll())
    if (status?.round === round && status.phase === 'Ready') written += 1;
  if (written !== objects) throw new Error(`${written} of ${objects} statuses were written`);
}

function sizesOf({ objects, workers }: Sizes): { objects: number; workers: number } {
  return { objects, workers };
}
