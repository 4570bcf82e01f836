import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 2;

/** A thread stops when it is scheduled next; far more than that takes on a busy machine. */
const limitMs = 10_000;

/**
 * Resolves when every thread of a process that was sent SIGSTOP has stopped, or the process is gone: until then it may go on
 * answering. Only Linux tells; elsewhere it resolves at once.
 *
 * @throws Error when a thread has not stopped within ten seconds
 */
export async function whenStopped(pid: number): Promise<void> {
  if (process.platform !== 'linux') return;
  const lastMs = performance.now() + limitMs;
  while (!(await hasStopped(pid))) {
    if (performance.now() > lastMs)
      throw new Error(`Cannot freeze process ${pid}: it has not stopped within ${limitMs} ms`);
    await sleep(pollMs);
  }
}

async function hasStopped(pid: number): Promise<boolean> {
  const folder = `/proc/${pid}/task`;
  // A process or a thread that has gone meanwhile does nothing any more.
  const threads = await readdir(folder).catch(() => []);
  const stats = await Promise.all(
    threads.map((thread) => readFile(`${folder}/${thread}/stat`, 'utf8').catch(() => '')),
  );
  // The state follows the name, which may hold anything but is in brackets.
  return stats.every(
    (stat) => stat === '' || /^[TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 2)),
  );
}
