import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Ends when its standard input does: kills the process group of every pid file and removes the folder. */
const script = `
while read -r line; do :; done
for file in "$1"/pids/*; do
  [ -f "$file" ] || continue
  kill -KILL "-$(cat "$file")" 2>/dev/null || kill -KILL "$(cat "$file")" 2>/dev/null
done
rm -rf "$1"
`;

/** A temporary folder, and a small shell which makes sure that neither it nor the processes in it outlive this process. */
export class Watchdog {
  /** The folder, which is removed at the end. */
  readonly folder: string;
  readonly #release: () => Promise<void>;

  /**
   * Makes the folder and starts a shell that waits for the end of a pipe from this process, which comes even after SIGKILL.
   * The shell does not keep this process running.
   */
  static start(prefix: string): Watchdog {
    const folder = mkdtempSync(join(tmpdir(), prefix));
    mkdirSync(join(folder, 'pids'));
    const child = spawn('sh', ['-c', script, 'shared-queue-watchdog', folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    child.once('error', reject);
    child.stdin.once('error', () => undefined); // The shell is gone; its exit says so.
    // Handled here too, so that a host without sh gets the error from release(), not an unhandled rejection.
    promise.catch(() => undefined);
    child.unref();
    // A pipe to a child is a socket in Node, and would keep this process running.
    if (child.stdin instanceof Socket) child.stdin.unref();
    return new Watchdog(folder, async () => {
      child.ref();
      child.stdin.end();
      await promise;
    });
  }

  private constructor(folder: string, release: () => Promise<void>) {
    this.folder = folder;
    this.#release = release;
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
    await this.#release();
  }

  #pidFile(pid: number): string {
    return join(this.folder, 'pids', `${pid}`);
  }
}
