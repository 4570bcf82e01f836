import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { ProgramName } from './builder.ts';
import { Program } from './program.ts';
import { startWatchdog } from './watchdog.ts';
import type { Watchdog } from './watchdog.ts';

/** How long a program may take to end by itself before it is killed, in milliseconds. */
const graceMs = 10_000;

/** What {@link Processes} needs. */
export interface ProcessesOptions {
  /** State folder, which is removed by {@link Processes.stop}. */
  readonly directory: string;
  /** Called when a process ends although nobody asked it to. */
  readonly onUnexpectedExit: (program: Program) => void;
}

/** The processes of one control plane, at most one of each name. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #logs: string;
  readonly #watchdog: Watchdog;
  /** In the order they were started in; stopped in the opposite one. */
  readonly #programs = new Map<ProgramName, Program>();

  /** Starts the watchdog and nothing else. */
  static open(options: ProcessesOptions): Processes {
    return new Processes(options);
  }

  private constructor(options: ProcessesOptions) {
    this.#options = options;
    this.#logs = join(options.directory, 'logs');
    mkdirSync(this.#logs, { recursive: true });
    this.#watchdog = startWatchdog(options.directory);
  }

  /** Starts a program; one of the same name that still runs is an error of the caller. */
  start(name: ProgramName, path: string, args: readonly string[]): Program {
    const running = this.#programs.get(name);
    if (running !== undefined && running.end === undefined) {
      throw new Error(`Cannot start ${name}: it is already running`);
    }
    const program = Program.start({
      name,
      path,
      args,
      logFile: join(this.#logs, `${name}.log`),
      pidFile: join(this.#watchdog.pids, name),
      onUnexpectedExit: this.#options.onUnexpectedExit,
    });
    this.#programs.set(name, program);
    return program;
  }

  /** The program of a name. Throws an `Error` when it was never started. */
  get(name: ProgramName): Program {
    const program = this.#programs.get(name);
    if (program === undefined) throw new Error(`Cannot reach ${name}: it was not started`);
    return program;
  }

  /** Stops one program and waits for its end; does nothing when it does not run. */
  async stopProgram(name: ProgramName): Promise<void> {
    await this.#programs.get(name)?.stop(graceMs);
  }

  /** Stops all, last started first, so that each can still reach what it depends on. */
  async stopPrograms(): Promise<void> {
    for (const program of [...this.#programs.values()].reverse()) await program.stop(graceMs);
    this.#programs.clear();
  }

  /** Stops all and the watchdog, and removes the state folder. */
  async stop(): Promise<void> {
    await this.stopPrograms();
    await this.#watchdog.release();
  }
}
