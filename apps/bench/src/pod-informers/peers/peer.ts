import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where the pods are: what the process that measures puts into the environment. */
export interface Target {
  readonly server: string;
  readonly token: string | undefined;
  readonly caFile: string | undefined;
  readonly ca: Buffer | undefined;
}

/** Takes note of an update to a version. */
export type OnUpdate = (version: string | undefined) => void;

/** Something that keeps all pods in memory. */
export interface Peer {
  /** How many handlers each call `onUpdate` for each update; one by default. */
  readonly handlers?: number;
  /** Resolves when all pods are there. Then, and on each update from then on, `onUpdate` must have been called. */
  sync(target: Target, onUpdate: OnUpdate): Promise<void>;
  /** What the cache holds. */
  objects(): Iterable<{
    readonly metadata?: { readonly resourceVersion?: string | undefined } | undefined;
  }>;
}

/** How long the event loop was away. */
interface Blocks {
  /** The longest time from one to the next, 10 ms when there is no block. */
  readonly maxMs: number;
  /** How late a timer of 10 ms was at the 99th percentile, from when it was set. */
  readonly timerP99Ms: number;
}

const timerMs = 10;
/** A relist is over when no update comes for so long. */
const settleMs = 1000;

/** Watches the event loop until it is asked, by one slow timer: a finer one takes 17 ms of processor time a second. */
function watchLoop(): () => Blocks {
  const waits: number[] = [];
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    waits.push(nowMs - lastMs);
    lastMs = nowMs;
  }, timerMs);
  return () => {
    clearInterval(timer);
    waits.push(performance.now() - lastMs);
    waits.sort((a, b) => a - b);
    return {
      maxMs: waits.at(-1) ?? 0,
      timerP99Ms: waits[Math.ceil(waits.length * 0.99) - 1] ?? 0,
    };
  };
}

/** Talks to the process that measures by lines: commands on standard input, answers in JSON on standard output. */
export async function runPeer(peer: Peer): Promise<void> {
  say('ready', { cpuMs: cpuMs(), watchesItself: true });
  const handlers = peer.handlers ?? 1;
  let updates = 0;
  let wanted = -1;
  let wantedVersion = '';
  let reached = (): void => {};
  const stopSync = watchLoop();
  await peer.sync(target(), (version) => {
    updates += 1;
    if (updates === wanted || version === wantedVersion) reached();
  });
  say('synced', { cpuMs: cpuMs(), ...stopSync() });

  for await (const line of createInterface({ input: process.stdin })) {
    const [command, argument] = line.split(' ');
    if (command === 'collect') {
      await collect();
      say('collected', {});
    } else if (command === 'check') {
      say('checked', check(peer));
    } else if (command === 'churn' || command === 'watched-churn' || command === 'relist') {
      const before = updates;
      const isRelist = command === 'relist';
      const done = new Promise<void>((resolve) => (reached = resolve));
      wanted = isRelist ? -1 : before + Number(argument) * handlers;
      wantedVersion = isRelist ? (argument ?? '') : '';
      const startedMs = cpuMs();
      const stopChurn = command === 'churn' ? undefined : watchLoop();
      say('listening', {});
      void (async () => {
        await done;
        // A list holds more than what was waited for.
        if (isRelist) await quiet(() => updates);
        const took = cpuMs() - startedMs;
        const blocks = stopChurn?.();
        // A moment for more than was expected.
        await sleep(50);
        say('churned', { cpuMs: took, updates: (updates - before) / handlers, ...blocks });
      })();
    } else {
      // Whoever measures gives up waiting.
      reached();
    }
  }
  process.exit(0);
}

/** Waits until a count stays what it is for a while. */
async function quiet(count: () => number): Promise<void> {
  let last = -1;
  while (last !== count()) {
    last = count();
    await sleep(settleMs);
  }
}

function target(): Target {
  const { BENCH_SERVER, BENCH_TOKEN, BENCH_CA_FILE } = process.env;
  if (BENCH_SERVER === undefined) throw new Error('Cannot connect: BENCH_SERVER is not set');
  return {
    server: BENCH_SERVER,
    token: BENCH_TOKEN,
    caFile: BENCH_CA_FILE,
    ca: BENCH_CA_FILE === undefined ? undefined : readFileSync(BENCH_CA_FILE),
  };
}

/** Gives back the memory that is not needed; with --expose-gc. */
async function collect(): Promise<void> {
  const gc = globalThis.gc;
  if (!gc) throw new Error('Cannot collect garbage: node runs without --expose-gc');
  for (let i = 0; i < 2; i += 1) {
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    await sleep(50);
  }
}

function check(peer: Peer): { objects: number; versions: number } {
  let objects = 0;
  let versions = 0;
  for (const { metadata } of peer.objects()) {
    objects += 1;
    versions += Number(metadata?.resourceVersion);
  }
  return { objects, versions };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function say(event: string, values: object): void {
  process.stdout.write(`${JSON.stringify({ event, ...values })}\n`);
}
