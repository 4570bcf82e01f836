import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/**
 * Ends when its standard input does: kills the process group of what still has a pid file, or the process alone where it leads no group,
 * and removes the state folder.
 */
const script = `
while read -r line; do :; done
for file in "$1"/pids/*; do
  [ -f "$file" ] || continue
  kill -KILL "-$(cat "$file")" 2>/dev/null || kill -KILL "$(cat "$file")" 2>/dev/null
done
rm -rf "$1"
`;

/** Makes sure that nothing outlives the parent, however the parent dies. */
export interface Watchdog {
  /** Folder for one file a process, which holds its id while it runs. */
  readonly pids: string;
  /** Lets the watchdog do its work now: kill what is left, remove the state folder. Resolves when it is done. */
  release(): Promise<void>;
}

/**
 * Starts a shell that waits for the end of a pipe from this process, which comes even after SIGKILL.
 * A process of its own is needed because only Linux can tie a child to its parent's life, and Node cannot ask for it.
 * The watchdog does not keep this process running.
 */
export function startWatchdog(stateDirectory: string): Watchdog {
  const pids = join(stateDirectory, 'pids');
  mkdirSync(pids, { recursive: true });
  const child = spawn('sh', ['-c', script, 'kubeloop-watchdog', stateDirectory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  child.once('error', reject);
  child.stdin.once('error', () => undefined); // The watchdog is gone; its exit says so.
  // Handled here too, so that a host without sh gets the error from release(), not an unhandled rejection.
  promise.catch(() => undefined);
  child.unref();
  // A pipe to a child is a socket in Node, and would keep this process running.
  if (child.stdin instanceof Socket) child.stdin.unref();
  return {
    pids,
    async release() {
      child.ref();
      child.stdin.end();
      await promise;
    },
  };
}
