import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startWatchdog, type Watchdog as Shell } from '@kubeloop/control-plane/watchdog';

/** A temporary folder, and a small shell which makes sure that neither it nor the processes in it outlive this process. */
export class Watchdog {
  /** The folder, which is removed at the end. */
  readonly folder: string;
  readonly #shell: Shell;

  /** Makes the folder and starts the shell, which does not keep this process running. */
  static start(prefix: string): Watchdog {
    return new Watchdog(mkdtempSync(join(tmpdir(), prefix)));
  }

  private constructor(folder: string) {
    this.folder = folder;
    this.#shell = startWatchdog(folder);
  }

  /** Has a process group killed at the end. */
  guard(pid: number): void {
    writeFileSync(this.#pidFile(pid), `${pid}`);
  }

  /** Forgets a process that has ended, because its id may be given to another. */
  forget(pid: number): void {
    rmSync(this.#pidFile(pid), { force: true });
  }

  /** Lets the shell do its work now. Resolves when it is done. */
  async release(): Promise<void> {
    await this.#shell.release();
  }

  #pidFile(pid: number): string {
    return join(this.#shell.pids, `${pid}`);
  }
}
