import { audit, longestStalenessMs } from './audit.ts';
import type { AuditResult } from './audit.ts';
import type { PlannedFault } from './chooser.ts';
import type { FaultWorld } from './faults/fault.ts';
import { memoryTrend } from './memory-trend.ts';
import type { CheckOutcome, FaultOutcome, MemorySample, PhaseOutcome } from './outcome.ts';
import { SubjectLife } from './subject-life.ts';
import type { SubjectProgram } from './subject-process.ts';
import { chaosResources, gadgets } from './subject-protocol.ts';

/** Whom faults are for, and which. */
export interface TrialOptions {
  /** The phase, for the report. */
  readonly name: string;
  /** Drawn one by one, until they end or `isOver` says so. */
  readonly faults: Iterable<PlannedFault>;
  /** Asked after each fault. */
  readonly isOver: () => boolean;
  readonly program: SubjectProgram;
  /** Whether the subject has a controller. */
  readonly reconciles: boolean;
  /** The resource whose groups its controller reconciles as well, if any. */
  readonly fanOut?: string | undefined;
  readonly settings: 'tuned' | 'default';
  /** Whether a subject that may speak HTTP/2 or HTTP/1.1 speaks HTTP/2. Default false. */
  readonly http2?: boolean | undefined;
  /** About how many objects there are. */
  readonly objects: number;
  /** How long after a fault everything must be equal, in milliseconds. Default {@link longestStalenessMs}. */
  readonly limitMs?: number;
  /** For how long after that to see whether a subject is only late, in milliseconds. Default 0. */
  readonly patienceMs?: number;
  /** Told what happened, line by line. */
  readonly log: (line: string) => void;
}

/** Memory is looked at after so many faults. */
const memoryEvery = 10;

/** The part of a phase in which a subject runs: every fault with its audit, and what is looked at once at the end. */
export class Trial {
  readonly #options: TrialOptions;
  readonly #world: FaultWorld;
  readonly #faults: FaultOutcome[] = [];
  readonly #checks: CheckOutcome[] = [];
  readonly #memory: MemorySample[] = [];
  readonly #totals = { events: 0, reconciles: 0, errors: 0 };
  readonly #errorKinds: Record<string, number> = {};
  #life: SubjectLife | undefined;

  constructor(options: TrialOptions, world: FaultWorld) {
    this.#options = options;
    this.#world = world;
  }

  /** Goes through all faults and the checks at the end. Rejects only when the world itself cannot be put right. */
  async run(): Promise<PhaseOutcome> {
    const { name: phase, faults, isOver, objects } = this.#options;
    try {
      for (const planned of faults) {
        await this.#oneFault(planned);
        if (this.#faults.length % memoryEvery === 0) await this.#sampleMemory();
        if (isOver()) break;
      }
      await this.#finish();
    } finally {
      await this.#life?.kill();
    }
    const { writes } = this.#world.writer;
    const [results, checks, memory] = [this.#faults, this.#checks, this.#memory];
    const counts = { writes, objects, errorKinds: this.#errorKinds, ...this.#totals };
    return { phase, faults: results, checks, memory, ...counts };
  }

  async #oneFault(planned: PlannedFault): Promise<void> {
    const { writer } = this.#world;
    const life = await this.#living();
    writer.resume();
    await run(planned, this.#world);
    const endedAt = performance.now();
    await writer.quiesce();
    const result = await this.#audit(life, endedAt);
    this.#faults.push({
      phase: this.#options.name,
      ...wordsOf(planned),
      isFine: result.isFine,
      isLate: result.isLate,
      stalenessMs: result.stalenessMs,
      missing: (result.differences?.missing.length ?? 0) + (result.differences?.extra.length ?? 0),
      stale: result.differences?.stale.length ?? 0,
      died: !life.isAlive,
      problems: life.isAlive ? result.problems : [`It died: ${life.end}`, ...result.problems],
    });
    this.#logFault();
    // What comes next is judged on its own.
    if (!result.isFine && !result.isLate) await this.#endLife();
  }

  #logFault(): void {
    const last = this.#faults.at(-1);
    if (last === undefined) return;
    const { isFine, isLate, fault, details, stalenessMs, problems } = last;
    const late = isLate ? [`late: equal after ${stalenessMs} ms`] : [];
    const how = isFine ? `equal after ${stalenessMs} ms` : [...problems, ...late].join('; ');
    const what = `${this.#options.name} ${this.#faults.length} ${fault} (${details})`;
    this.#options.log(`${isFine ? 'ok    ' : 'FAILED'} ${what}: ${how}`);
  }

  async #audit(life: SubjectLife, endedAt: number): Promise<AuditResult> {
    return audit({
      api: this.#world.api,
      resources: chaosResources,
      reconcile: this.#options.reconciles ? gadgets.plural : undefined,
      fanOut: this.#options.fanOut,
      recorder: life.recorder,
      store: () => life.store(),
      isAlive: () => life.isAlive,
      endedAt,
      limitMs: this.#options.limitMs ?? longestStalenessMs,
      patienceMs: this.#options.patienceMs ?? 0,
    });
  }

  /** The subject that runs, or a new one. */
  async #living(): Promise<SubjectLife> {
    if (this.#life?.isAlive === true) return this.#life;
    const { program, reconciles, fanOut, settings, http2 } = this.#options;
    this.#life = await SubjectLife.start(program, {
      kubeconfig: this.#world.access.kubeconfig,
      resources: chaosResources,
      reconcile: reconciles ? gadgets.plural : undefined,
      fanOut,
      settings,
      http2,
    });
    return this.#life;
  }

  async #endLife(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    this.#memory.length = 0;
    if (life === undefined) return;
    await life.kill();
    this.#count(life);
  }

  #count({ recorder }: SubjectLife): void {
    this.#totals.events += recorder.events;
    this.#totals.reconciles += recorder.reconciles;
    this.#totals.errors += recorder.errors;
    for (const [kind, count] of recorder.errorKinds)
      this.#errorKinds[kind] = (this.#errorKinds[kind] ?? 0) + count;
  }

  async #sampleMemory(): Promise<void> {
    const sample = await this.#life?.memory().catch(() => undefined);
    if (sample === undefined) return;
    const { rss, heapUsed } = sample;
    this.#memory.push({ faults: this.#faults.length, rss, heapUsed });
  }

  async #finish(): Promise<void> {
    const life = await this.#living();
    const { isFine, problems, stalenessMs } = await this.#audit(life, performance.now());
    this.#check('the final state is equal', isFine, problems.join('; ') || `${stalenessMs} ms`);
    const { isFlat, description } = memoryTrend(this.#memory);
    this.#check('memory is flat', isFlat, description);
    await this.#stop(life, 'the stop leaves nothing');
    await this.#startAndStopAmidTrouble();
  }

  /** A start while connections are reset, and a stop while all of them are silent. */
  async #startAndStopAmidTrouble(): Promise<void> {
    const { proxy, writer } = this.#world;
    writer.resume();
    const storm = setInterval(() => proxy.cut('reset'), 150);
    const calm = setTimeout(() => clearInterval(storm), 1500);
    try {
      const life = await this.#living();
      await writer.quiesce();
      const { isFine, problems, stalenessMs } = await this.#audit(life, performance.now());
      const details = problems.join('; ') || `equal after ${stalenessMs} ms`;
      this.#check('a start amid resets comes to the same', isFine, details);
      proxy.trouble({ freeze: true }, 'both');
      await this.#stop(life, 'a stop amid silence leaves nothing');
    } catch (error) {
      const details = error instanceof Error ? error.message : String(error);
      this.#check('a start amid resets comes to the same', false, details);
    } finally {
      clearInterval(storm);
      clearTimeout(calm);
      proxy.heal();
    }
  }

  async #stop(life: SubjectLife, check: string): Promise<void> {
    const began = performance.now();
    // Silence passes, and with it the ends of connections, once the subject is gone.
    const { problems } = await life.stop(() => {
      this.#world.proxy.heal();
      return this.#world.proxy.links.length;
    });
    const details =
      problems.join('; ') || `exit code 0 after ${Math.round(performance.now() - began)} ms`;
    this.#check(check, problems.length === 0, details);
    this.#count(life);
    this.#life = undefined;
  }

  #check(check: string, isFine: boolean, details: string): void {
    this.#checks.push({ phase: this.#options.name, check, isFine, details });
    const verdict = isFine ? 'ok    ' : 'FAILED';
    this.#options.log(`${verdict} ${this.#options.name} ${check}: ${details}`);
  }
}

async function run(
  { fault, parameters, alongside }: PlannedFault,
  world: FaultWorld,
): Promise<void> {
  const first = fault.run(world, parameters);
  const second = alongside?.fault.run(world, alongside.parameters);
  await Promise.all([first, second]);
}

function wordsOf({ fault, parameters, alongside }: PlannedFault): {
  fault: string;
  details: string;
} {
  const { durationMs, scope, direction, amount } = parameters;
  const details = `${durationMs} ms, ${scope}, ${direction}, ${amount}`;
  if (alongside === undefined) return { fault: fault.name, details };
  const other = wordsOf(alongside);
  return { fault: `${fault.name} + ${other.fault}`, details: `${details} + ${other.details}` };
}
