import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { whenStopped } from '../src/stopped.ts';

/** A process of several threads that says so when it runs. */
async function start(): Promise<{ readonly pid: number; kill(signal: NodeJS.Signals): unknown }> {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)']);
  await once(child.stdout, 'data');
  // It has said something, so it was started.
  return { pid: child.pid!, kill: (signal) => child.kill(signal) };
}

test.runIf(process.platform === 'linux')(
  'a process has stopped when all its threads have, and not while it runs',
  async () => {
    const running = await start();
    try {
      const stopped = whenStopped(running.pid).then(() => 'stopped');
      expect(await Promise.race([stopped, sleep(50, 'running')])).toBe('running');

      running.kill('SIGSTOP');

      expect(await stopped).toBe('stopped');
    } finally {
      running.kill('SIGKILL');
    }
  },
);

test('a process that is gone does nothing any more', async () => {
  const child = spawn(process.execPath, ['--version']);
  await once(child, 'close');

  // It was started, since it has ended.
  await expect(whenStopped(child.pid!)).resolves.toBeUndefined();
});
