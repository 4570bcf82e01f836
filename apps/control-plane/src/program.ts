import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import type { ProgramName } from './builder.ts';

/** The signals that tests send: die at once, freeze, go on. */
export type ProgramSignal = 'SIGCONT' | 'SIGKILL' | 'SIGSTOP' | 'SIGTERM';

/** What one program is started with. */
export interface ProgramOptions {
  /** Its name, for messages. */
  readonly name: ProgramName;
  /** Path of the executable; its base name decides what the built binary does. */
  readonly path: string;
  /** Command line arguments. */
  readonly args: readonly string[];
  /** File that standard output and error are appended to. */
  readonly logFile: string;
  /** File that holds the process id while the process runs, for the watchdog. */
  readonly pidFile: string;
  /** Called at most once, when the process ends after {@link Program.started} although nobody asked it to. */
  readonly onUnexpectedExit: (program: Program) => void;
}

/**
 * One process of the control plane.
 *
 * It runs in its own process group, so that a Ctrl-C in the terminal reaches only the parent, which then stops everything in order.
 */
export class Program {
  /** Its name, for messages. */
  readonly name: ProgramName;
  /** Resolves when the process has ended, for whatever reason; never rejects. */
  readonly ended: Promise<void>;
  readonly #options: ProgramOptions;
  readonly #child: ChildProcess;
  #end: string | undefined;
  #endExpected = false;
  /** False until the start is over, because until then an end is the starter's to report. */
  #isStarted = false;

  /** Starts the process. A process that cannot be started ends at once, with the reason in {@link end}. */
  static start(options: ProgramOptions): Program {
    const log = openSync(options.logFile, 'a');
    try {
      const child = spawn(options.path, options.args, {
        stdio: ['ignore', log, log],
        detached: true,
      });
      return new Program(options, child);
    } finally {
      closeSync(log);
    }
  }

  private constructor(options: ProgramOptions, child: ChildProcess) {
    this.name = options.name;
    this.#options = options;
    this.#child = child;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    const finish = (how: string): void => {
      if (this.#end !== undefined) return;
      this.#end = how;
      rmSync(options.pidFile, { force: true });
      resolve();
      this.#reportEnd();
    };
    child.once('error', (error) => finish(error.message));
    child.once('exit', (code, signal) =>
      finish(code === null ? `signal ${signal}` : `code ${code}`),
    );
    if (child.pid !== undefined) writeFileSync(options.pidFile, `${child.pid}`);
  }

  /** Process id; `undefined` when the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** How the process ended, for example `code 1` or `signal SIGKILL`; `undefined` while it runs. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Says that the start is over: from now on an end that nobody asked for is reported, also one that has just happened. */
  started(): void {
    this.#isStarted = true;
    if (this.#end !== undefined) this.#reportEnd();
  }

  /** Sends a signal; after one that ends the process, the end is expected. Does nothing when the process has ended. */
  signal(signal: ProgramSignal): void {
    if (this.#end !== undefined) return;
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.#endExpected = true;
    this.#child.kill(signal);
  }

  /** Asks the process to end, and kills it after `graceMs`. Resolves when it has ended. A frozen process is woken first. */
  async stop(graceMs: number): Promise<void> {
    if (this.#end !== undefined) return;
    this.signal('SIGTERM');
    this.signal('SIGCONT');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** The last lines of what the process wrote. */
  async logTail(lines: number = 20): Promise<string> {
    const text = await readFile(this.#options.logFile, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-lines).join('\n');
  }

  #reportEnd(): void {
    if (this.#isStarted && !this.#endExpected) this.#options.onUnexpectedExit(this);
  }
}
