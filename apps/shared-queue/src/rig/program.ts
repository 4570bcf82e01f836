import { join } from 'node:path';

import { ManagedProcess, type ProcessSignal } from '../broker/process.ts';
import type { Watchdog } from '../broker/watchdog.ts';
import { isAnswer, type Answer } from './ask.ts';
import { readJournal, type JournalLine } from './journal.ts';
import { monotonicMs } from './monotonic.ts';

/** What a program of the rig is started with. */
export interface RigProgramOptions {
  /** Name of its journal and for messages; unlike any other of the rig. */
  readonly name: string;
  /** Path of the TypeScript file. */
  readonly file: string;
  /** What it gets as JSON, beside `journal`. */
  readonly config: object;
  /** Owner of the folder, and killer of what is left. */
  readonly watchdog: Watchdog;
}

/** One life of a worker or a producer: a process of its own, which is asked and hurt from outside. */
export class RigProgram {
  /** Its name. */
  readonly name: string;
  readonly #process: ManagedProcess;
  readonly #journal: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;
  #isReady = false;
  #endedAtMs: number | undefined;

  /** Starts it, without waiting until it is {@link ready}. */
  constructor({ name, file, config, watchdog }: RigProgramOptions) {
    this.name = name;
    this.#journal = join(watchdog.folder, `${name}.journal`);
    this.#process = ManagedProcess.start({
      name,
      path: process.execPath,
      args: [
        '--conditions=@kubeloop/source',
        file,
        JSON.stringify({ ...config, journal: this.#journal }),
      ],
      env: { PATH: process.env['PATH'], NODE_ENV: 'test' },
      logFile: join(watchdog.folder, `${name}.log`),
      watchdog,
      onMessage: (message) => this.#hear(message),
    });
    void this.#process.ended.then(() => this.#onEnd());
  }

  /** Its process id. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** When it ended, in milliseconds of `monotonicMs`; `undefined` while it runs. */
  get endedAtMs(): number | undefined {
    return this.#endedAtMs;
  }

  /** How it ended, for example `code 0`. */
  get end(): string | undefined {
    return this.#process.end;
  }

  /** Resolves when it has ended. */
  get ended(): Promise<void> {
    return this.#process.ended;
  }

  /** What it wrote so far. */
  get lines(): JournalLine[] {
    return readJournal(this.#journal);
  }

  /** All that it printed. */
  get output(): string {
    return this.#process.logTail(Number.POSITIVE_INFINITY);
  }

  /** The last lines of it, for messages. */
  get lastOutput(): string {
    return this.#process.logTail(40);
  }

  /** Waits until it says that it is ready. Throws an `Error` with what it printed when it ends before. */
  async ready(): Promise<this> {
    await this.#process.started(
      { what: `${this.name} is ready`, timeoutMs: 60_000, intervalMs: 20 },
      () => this.#isReady,
    );
    return this;
  }

  /** Asks it something. Throws an `Error` when it cannot answer or ends before. */
  async ask(question: string): Promise<unknown> {
    const id = (this.#lastId += 1);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    await this.#process.send({ id, ask: question });
    const { value, error } = await promise;
    if (error !== undefined)
      throw new Error(`Cannot get the answer to "${question}" from ${this.name}: ${error}`);
    return value;
  }

  /** Sends a signal. */
  signal(signal: ProcessSignal): void {
    this.#process.signal(signal);
  }

  /** Kills it as `kill -9` does; a run under way ends with the signal. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    this.#endedAtMs ??= monotonicMs();
    await this.#process.ended;
  }

  /** Sends SIGTERM, and kills it when it takes longer than `graceMs`. */
  async stop(graceMs: number = 30_000): Promise<void> {
    await this.#process.stop(graceMs);
  }

  #hear(message: unknown): void {
    if (!isAnswer(message)) return;
    if (message.id === 0) this.#isReady = true;
    this.#waiting.get(message.id)?.(message);
    this.#waiting.delete(message.id);
  }

  #onEnd(): void {
    this.#endedAtMs ??= monotonicMs();
    for (const [id, resolve] of this.#waiting)
      resolve({ id, error: `it ended with ${this.end}. It printed:\n${this.lastOutput}` });
    this.#waiting.clear();
  }
}
