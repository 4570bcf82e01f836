import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** What {@link KilledProcess} needs. */
export interface KilledProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** After how many lines of all lives together it is killed, in ascending order, and how many milliseconds later. */
  readonly kills: readonly { readonly afterLines: number; readonly delayMs: number }[];
}

/** A process that is killed with SIGKILL at given points and started again each time. */
export class KilledProcess {
  readonly #options: KilledProcessOptions;
  #child: ChildProcess | undefined;
  #lines = 0;
  #killed = 0;
  #stderr = '';
  #isOver = false;

  constructor(options: KilledProcessOptions) {
    this.#options = options;
  }

  /** How many lines it has written in all its lives. */
  get lines(): number {
    return this.#lines;
  }

  /** How often it was killed. */
  get killed(): number {
    return this.#killed;
  }

  /** Starts it, and kills and starts it again until all kills are done. Then it goes on. */
  async run(): Promise<void> {
    for (const { afterLines, delayMs } of this.#options.kills) {
      const child = this.#start();
      await this.#until(child, afterLines);
      await sleep(delayMs);
      if (this.#isOver) return;
      await end(child);
      this.#killed += 1;
    }
    this.#start();
  }

  /** Kills it for good. */
  async stop(): Promise<void> {
    this.#isOver = true;
    if (this.#child !== undefined) await end(this.#child);
  }

  #start(): ChildProcess {
    const { command, args } = this.#options;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', () => {
      this.#lines += 1;
      child.emit('written');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-2000);
    });
    return child;
  }

  async #until(child: ChildProcess, lines: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.#lines >= lines) resolve();
    };
    const ended = (): void => {
      if (this.#isOver) resolve();
      else reject(new Error(`The process has ended by itself: ${this.#stderr}`));
    };
    child.on('written', look);
    child.once('exit', ended);
    look();
    try {
      await promise;
    } finally {
      child.off('written', look);
      child.off('exit', ended);
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  child.kill('SIGKILL');
  await promise;
}
