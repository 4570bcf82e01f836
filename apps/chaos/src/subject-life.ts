import { setTimeout as sleep } from 'node:timers/promises';

import { Recorder } from './recorder.ts';
import { describeEnd, SubjectProcess } from './subject-process.ts';
import type { SubjectProgram } from './subject-process.ts';
import type { MemoryMessage, StoreMessage, SubjectConfig } from './subject-protocol.ts';

/** How long a subject may take for its first list, and to answer a question, in milliseconds. */
const syncMs = 30_000;
const answerMs = 5000;
/** How long it may take to stop and to end. */
const stopMs = 10_000;
/** How soon its connections must be gone: while it lives on after its stop, and after its end. */
const lingerMs = 400;
const settleMs = 2000;

/** What a subject does not do when it stops, in words; empty when it stops as it must. */
export interface StopResult {
  readonly problems: readonly string[];
}

/** Kinds of open things that are no leak: the pipes to the runner. */
const harmless: ReadonlySet<string> = new Set(['PipeWrap', 'TTYWrap']);

/** One run of a subject, from its start to its end, and what it said. */
export class SubjectLife {
  readonly recorder: Recorder = new Recorder();
  readonly #process: SubjectProcess;

  private constructor(program: SubjectProgram, config: SubjectConfig) {
    const onMessage = this.recorder.note.bind(this.recorder);
    this.#process = new SubjectProcess({ program, config, onMessage });
  }

  /** Starts a subject and waits until it has listed everything. Throws an `Error` when it does not. */
  static async start(program: SubjectProgram, config: SubjectConfig): Promise<SubjectLife> {
    const life = new SubjectLife(program, config);
    try {
      await life.#process.synced(syncMs);
    } catch (error) {
      await life.kill();
      throw error;
    }
    return life;
  }

  /** Whether it still runs. */
  get isAlive(): boolean {
    return this.#process.end === undefined;
  }

  /** How it ended, in words; empty while it runs. */
  get end(): string {
    return this.#process.end === undefined ? '' : describeEnd(this.#process.end);
  }

  /** What its caches hold. */
  async store(): Promise<StoreMessage> {
    return this.#process.store(answerMs);
  }

  /** How much memory it has. */
  async memory(): Promise<MemoryMessage> {
    return this.#process.memory(answerMs);
  }

  /** Stops it as a user would, and says what it did not do. */
  async stop(connections: () => number): Promise<StopResult> {
    const problems: string[] = [];
    try {
      const { activeResources, lingers } = await this.#process.stop(stopMs);
      const left = activeResources.filter((name) => !harmless.has(name));
      if (left.length > 0) problems.push(`${left.join(', ')} left after the stop`);
      const open = lingers === true ? await settled(connections, lingerMs) : 0;
      if (open > 0) problems.push(`${open} connections were open after the stop`);
      const end = await within(this.#process.ended, stopMs);
      if (end === undefined) problems.push(`it did not end within ${stopMs} ms of its stop`);
      else if (end.code !== 0) problems.push(`it ended with ${describeEnd(end)}`);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
    await this.kill();
    const open = await settled(connections, settleMs);
    if (open > 0) problems.push(`${open} connections were open after its end`);
    return { problems };
  }

  /** Kills it if it still runs. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }
}

/** What is left when a moment has passed: the other side hears of the end of a connection a little later. */
async function settled(connections: () => number, withinMs: number): Promise<number> {
  const deadline = performance.now() + withinMs;
  while (connections() > 0 && performance.now() < deadline) await sleep(20);
  return connections();
}

async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
