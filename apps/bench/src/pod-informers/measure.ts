import { startTalker, type Talker } from './lines.ts';
import type { PeerProgram } from './peers.ts';
import { forgetPeak, residentOf } from './proc.ts';
import type { Expectation, PodSource } from './sources.ts';

/** How a peer got through one thing that happened. */
export interface Phase {
  /** Processor time, of user and system, of all threads. */
  readonly cpuMs: number;
  /** The most memory that it had meanwhile, in bytes. */
  readonly peak: number;
  /** The longest time for which the event loop was away; only in Node. */
  readonly blockMs: number | undefined;
  /** How long a timer of 10 ms took at the 99th percentile; only in Node. */
  readonly timerP99Ms: number | undefined;
}

/** What one process of a peer needed. */
export interface Measurement {
  /** From the start of the process until its program began: its runtime, and what it imports. */
  readonly startCpuMs: number;
  /** From the start of the process until it had all pods. */
  readonly sync: Phase;
  /** Memory in bytes when it had all pods and had collected its garbage. */
  readonly resident: number;
  /** Listing everything again, with the old objects at hand. */
  readonly relist: Phase | undefined;
  /** Taking in updates. In Node the event loop is watched while it takes in as many again: over seconds that costs more than the updates. */
  readonly churn: Phase;
  /** What it did not do as it should. */
  readonly faults: readonly string[];
}

/** What a peer could not do at all. */
export interface Failure {
  readonly failure: string;
}

const syncMs = 600_000;
const relistMs = 120_000;

/** Runs one process of a peer through a list, a relist and updates. */
export async function measure(
  program: PeerProgram,
  source: PodSource,
  churn: number,
): Promise<Measurement | Failure> {
  const talker = startTalker(program.command, program.options, {
    ...process.env,
    ...source.environment,
    NODE_ENV: 'production',
  });
  try {
    const ready = await answerOf(talker, 'ready', 30_000);
    const synced = await answerOf(talker, 'synced', syncMs);
    const sync = await phaseOf(talker, synced);
    const faults: string[] = [];
    faults.push(...(await faultsOf(talker, await source.expect(), 'the list')));
    await collect(talker);
    const { now: resident } = await residentOf(talker.pid);
    const relist = await relistOf(talker, source, faults);
    const churned = await updates(talker, `churn ${churn}`, 30_000 + churn, () =>
      source.churn(churn),
    );
    const watched =
      ready['watchesItself'] === true
        ? await updates(talker, `watched-churn ${churn}`, 30_000 + churn, () => source.churn(churn))
        : undefined;
    for (const each of [churned, ...(watched ? [watched] : [])]) {
      const lost = churn - numberOf(each.answer, 'updates');
      if (lost > 0) faults.push(`${lost} updates lost`);
    }
    const { expected } = watched ?? churned;
    faults.push(...(await faultsOf(talker, expected, 'the updates')));
    const startCpuMs = numberOf(ready, 'cpuMs');
    const { blockMs, timerP99Ms } = watched?.phase ?? churned.phase;
    const phase = { ...churned.phase, blockMs, timerP99Ms };
    return { startCpuMs, sync, resident, relist, churn: phase, faults };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    await talker[Symbol.asyncDispose]();
  }
}

/** Lets the peer list again, with one pod changed so that it notices when it is done. */
async function relistOf(
  talker: Talker,
  source: PodSource,
  faults: string[],
): Promise<Phase | undefined> {
  const { expire } = source;
  const { version } = await source.expect();
  if (!expire || version === undefined) return undefined;
  const { expected, phase } = await updates(talker, `relist ${version + 2}`, relistMs, expire);
  faults.push(...(await faultsOf(talker, expected, 'the relist')));
  await collect(talker);
  return phase;
}

/** Lets things happen that must lead to what the command says. */
async function updates(
  talker: Talker,
  command: string,
  timeoutMs: number,
  act: () => Promise<Expectation>,
): Promise<{ answer: Answer; expected: Expectation; phase: Phase }> {
  await forgetPeak(talker.pid);
  talker.tell(command);
  await answerOf(talker, 'listening', 10_000);
  const expected = await act();
  const timer = setTimeout(() => talker.tell('enough'), timeoutMs);
  try {
    const answer = await answerOf(talker, 'churned', timeoutMs + 30_000);
    return { answer, expected, phase: await phaseOf(talker, answer) };
  } finally {
    clearTimeout(timer);
  }
}

type Answer = Readonly<Record<string, unknown>>;

async function phaseOf(talker: Talker, answer: Answer): Promise<Phase> {
  const { peak } = await residentOf(talker.pid);
  return {
    cpuMs: numberOf(answer, 'cpuMs'),
    peak,
    blockMs: 'maxMs' in answer ? numberOf(answer, 'maxMs') : undefined,
    timerP99Ms: 'timerP99Ms' in answer ? numberOf(answer, 'timerP99Ms') : undefined,
  };
}

async function collect(talker: Talker): Promise<void> {
  talker.tell('collect');
  await answerOf(talker, 'collected', 60_000);
}

async function faultsOf(talker: Talker, expected: Expectation, after: string): Promise<string[]> {
  talker.tell('check');
  const found = await answerOf(talker, 'checked', 60_000);
  const faults: string[] = [];
  if (found['objects'] !== expected.objects)
    faults.push(
      `${String(found['objects'])} objects of ${expected.objects} in the cache after ${after}`,
    );
  else if (found['versions'] !== expected.versions)
    faults.push(`wrong versions in the cache after ${after}`);
  return faults;
}

async function answerOf(talker: Talker, event: string, timeoutMs: number): Promise<Answer> {
  const answer = await talker.next(timeoutMs);
  if (answer['event'] !== event)
    throw new Error(`it answered ${String(answer['event'])} instead of ${event}`);
  return answer;
}

function numberOf(answer: Answer, name: string): number {
  const value = answer[name];
  if (typeof value !== 'number') throw new Error(`its answer has no number ${name}`);
  return value;
}
