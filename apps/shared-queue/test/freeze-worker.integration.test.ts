import { setTimeout as sleep } from 'node:timers/promises';

import { ApiServer } from '@kubeloop/apiserver';
import { expect, onTestFinished, test } from 'vitest';

import type { Broker } from '../src/broker/broker.ts';
import { waitUntil } from '../src/broker/wait-until.ts';
import type { NaiveFault } from '../src/programs/naive-queue.ts';
import type { Overlap, Verdict } from '../src/rig/checker.ts';
import type { JournalLine } from '../src/rig/journal.ts';
import { monotonicMs } from '../src/rig/monotonic.ts';
import type { RigProgram } from '../src/rig/program.ts';
import { CuttingProxy } from '../src/rig/proxy.ts';
import { chooseSeed } from '../src/rig/seed.ts';
import { Rig } from '../src/rig/rig.ts';
import { sharedBrokerOrSkip } from '../src/testing/broker-or-skip.ts';
import { verdictFigures } from '../src/testing/expectations.ts';
import { recordFigures } from '../src/testing/figures.ts';

const heartbeatMs = 2000;
const graceMs = 1500;
const concurrency = 8;
const keys = { prefix: 'k', count: 40 };

interface Outcome {
  readonly verdict: Verdict;
  readonly left: number;
  readonly frozenAtMs: number;
  readonly wokenAtMs: number;
  /** What the frozen worker wrote down before it could reach the broker again. */
  readonly zombie: readonly JournalLine[];
  /** What the other worker wrote down. */
  readonly heir: readonly JournalLine[];
  /** When the other worker first started a key that the frozen one was working on. */
  readonly takenOverAtMs: number;
}

/** An API server with a ConfigMap for each key. */
async function objectsOf(count: number): Promise<string> {
  const server = new ApiServer();
  await server.start();
  onTestFinished(async () => server.close());
  const url = `${server.url}/api/v1/namespaces/default/configmaps`;
  const headers = { 'content-type': 'application/json' };
  for (let index = 0; index < count; index += 1) {
    const body = JSON.stringify({ metadata: { name: `${keys.prefix}${index}` } });
    const answer = await fetch(url, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`Cannot make a ConfigMap: ${answer.status}`);
  }
  return url;
}

/** Freezes the only owner for five heartbeats, with a second worker standing by, and keeps it from connecting anew for a while. */
async function freeze(broker: Broker, seed: number, naive?: NaiveFault): Promise<Outcome> {
  const name = `freeze-${naive === undefined ? 'real' : 'naive'}`;
  const queue = { name, heartbeatMs, takeoverGraceMs: graceMs, naive, partitions: 4 };
  const objects = await objectsOf(keys.count);
  await using proxy = await CuttingProxy.open(broker.node.port);
  const worker = { runMs: [600, 900] as const, concurrency, objects };
  await using rig = new Rig({ broker, queue, worker, seed });
  const owner = await rig.worker({ queue: { urls: proxy.url } });
  const producer = await rig.producer({ keys, ratePerS: 40 });
  const started = (): boolean => owner.lines.filter(({ word }) => word === 'S').length > 20;
  await waitUntil({ what: 'the owner works', timeoutMs: 30_000 }, started);

  owner.signal('SIGSTOP');
  const frozenAtMs = monotonicMs();
  const linesBefore = owner.lines.length;
  const heir = await rig.worker();
  proxy.refuseNew();
  await sleep(5 * heartbeatMs);
  if (naive === undefined) await heirHasWritten(owner, heir);
  owner.signal('SIGCONT');
  const wokenAtMs = monotonicMs();
  await sleep(3000);
  const zombie = owner.lines.slice(linesBefore);
  proxy.acceptNew();

  if (naive !== undefined) await producer.kill();
  else await rig.finish(producer);
  const verdict = naive === undefined ? await rig.settled(60_000) : rig.verdict();
  if (naive === undefined) await rig.stopWorkers();
  const left = naive === undefined ? await rig.left() : 0;
  const takenOverAtMs = verdict.runs.find((run) => run.worker === heir.name)?.startMs ?? 0;
  return { verdict, left, frozenAtMs, wokenAtMs, zombie, heir: heir.lines, takenOverAtMs };
}

/** Waits until the other worker has written an object that the frozen one is working on. */
async function heirHasWritten(owner: RigProgram, heir: RigProgram): Promise<void> {
  const held = new Set(owner.lines.filter(({ word }) => word === 'S').map(({ key }) => key));
  for (const { word, key } of owner.lines) if (word === 'E') held.delete(key);
  const what = 'the heir has written what the frozen worker is working on';
  await waitUntil({ what, timeoutMs: 60_000 }, () =>
    heir.lines.some(({ word, key }) => word === 'W' && held.has(key)),
  );
}

/** Writes of the frozen worker that landed although the other one had written the same object since it was frozen. */
function staleWrites({ zombie, heir, frozenAtMs }: Outcome): JournalLine[] {
  const isStale = (line: JournalLine): boolean =>
    heir.some(
      ({ word, key, atMs }) =>
        word === 'W' && key === line.key && atMs > frozenAtMs && atMs < line.atMs,
    );
  return zombie.filter((line) => line.word === 'W' && isStale(line));
}

function startsAfter(lines: readonly JournalLine[], atMs: number): number {
  return lines.filter((line) => line.word === 'S' && line.atMs >= atMs).length;
}

/** Whether the run that was frozen had been told to stop by the time its process was awake for a moment. */
function wasTold({ first }: Overlap, wokenAtMs: number): boolean {
  return first.abortedAtMs !== undefined && first.abortedAtMs < wokenAtMs + 2000;
}

test('a frozen worker starts no key after it wakes, and what it still had under way is aborted and can write nothing', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const outcome = await freeze(broker, seed);

  const { verdict, left, zombie, frozenAtMs, wokenAtMs, takenOverAtMs } = outcome;
  const refused = zombie.filter(({ word }) => word === 'V');
  const landed = staleWrites(outcome);
  recordFigures({
    story: 'freeze a worker',
    seed,
    heartbeatMs,
    graceMs,
    ...verdictFigures(verdict, left),
    takeOverMs: takenOverAtMs - frozenAtMs,
    zombieStarts: startsAfter(zombie, wokenAtMs),
    staleWritesRefused: refused.length,
    staleWritesLanded: landed.length,
  });
  expect({ lost: verdict.lost, left }).toEqual({ lost: [], left: 0 });
  expect(startsAfter(zombie, wokenAtMs)).toBe(0);
  // Up to what it was working on when it was frozen, and each told to stop.
  expect(new Set(verdict.overlaps.map(({ first }) => first)).size).toBeLessThanOrEqual(concurrency);
  expect(verdict.overlaps.filter((overlap) => !wasTold(overlap, wokenAtMs))).toEqual([]);
  expect(refused.length).toBeGreaterThan(0);
  expect(landed).toEqual([]);
  // Twice the heartbeat is the broker's; half a heartbeat more, and two seconds for a machine that is busy.
  expect(takenOverAtMs - frozenAtMs).toBeLessThan(3 * heartbeatMs + graceMs + 2000);
}, 180_000);

test('a worker that trusts the broker goes on with new keys when it wakes', async (context) => {
  const broker = await sharedBrokerOrSkip(context);
  const seed = chooseSeed();

  const { zombie, wokenAtMs } = await freeze(broker, seed, 'trusts the broker');

  const zombieStarts = startsAfter(zombie, wokenAtMs);
  recordFigures({ story: 'freeze a worker, control', seed, zombieStarts });
  expect(zombieStarts).toBeGreaterThan(0);
}, 180_000);
