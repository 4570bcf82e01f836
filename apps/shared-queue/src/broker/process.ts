import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

import { waitUntil, type WaitUntilOptions } from './wait-until.ts';
import type { Watchdog } from './watchdog.ts';

/** What one process is started with. */
export interface ManagedProcessOptions {
  /** Its name, for messages. */
  readonly name: string;
  /** Path of the executable. */
  readonly path: string;
  /** Command line arguments. */
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** File that standard output and error are appended to. */
  readonly logFile: string;
  /** Kills the process group when this process is gone. */
  readonly watchdog: Watchdog;
  /** Told of messages from a Node.js program started with a channel for them; without it there is no channel. */
  readonly onMessage?: (message: unknown) => void;
}

/** The signals that are sent. */
export type ProcessSignal = 'SIGCONT' | 'SIGKILL' | 'SIGSTOP' | 'SIGTERM';

/** A child in a process group of its own, so that a Ctrl-C in the terminal reaches only the parent, which stops all in order. */
export class ManagedProcess {
  /** Its name, for messages. */
  readonly name: string;
  /** Resolves when the process has ended, for whatever reason; never rejects. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #logFile: string;
  #end: string | undefined;

  /** Starts the process. One that cannot be started ends at once, with the reason in {@link end}. */
  static start(options: ManagedProcessOptions): ManagedProcess {
    const log = openSync(options.logFile, 'a');
    try {
      const { path, args, env, onMessage } = options;
      const channel = onMessage === undefined ? [] : ['ipc' as const];
      const stdio = ['ignore' as const, log, log, ...channel];
      const child = spawn(path, args, { env, stdio, detached: true });
      if (onMessage !== undefined) child.on('message', onMessage);
      return new ManagedProcess(options, child);
    } finally {
      closeSync(log);
    }
  }

  private constructor({ name, logFile, watchdog }: ManagedProcessOptions, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    this.#logFile = logFile;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    const { pid } = child;
    const finish = (how: string): void => {
      if (this.#end !== undefined) return;
      this.#end = how;
      if (pid !== undefined) watchdog.forget(pid);
      resolve();
    };
    child.once('error', (error) => finish(error.message));
    child.once('exit', (code, signal) =>
      finish(code === null ? `signal ${signal}` : `code ${code}`),
    );
    if (pid !== undefined) watchdog.guard(pid);
  }

  /** Process id; `undefined` when the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** How the process ended, for example `code 1` or `signal SIGKILL`; `undefined` while it runs. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Waits until it has started, as `look` tells. Throws an `Error` that quotes the log when it ends before or takes too long. */
  async started(
    options: Omit<WaitUntilOptions, 'detail'>,
    look: () => boolean | Promise<boolean>,
  ): Promise<void> {
    const detail = (): string => `The end of its output:\n${this.logTail(40)}`;
    await waitUntil({ ...options, detail }, async () => {
      if (this.#end !== undefined)
        throw new Error(`Cannot start ${this.name}: it ended with ${this.#end}. ${detail()}`);
      return look();
    });
  }

  /** Sends a signal to the process itself, not to its group. Does nothing when it has ended. */
  signal(signal: ProcessSignal): void {
    if (this.#end === undefined) this.#child.kill(signal);
  }

  /** Sends a message to a program with a channel. Resolves when it is written. Throws when the process has ended. */
  async send(message: object): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#child.send(message, (error) => (error === null ? resolve() : reject(error)));
    await promise;
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
  logTail(lines: number = 20): string {
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }
}
