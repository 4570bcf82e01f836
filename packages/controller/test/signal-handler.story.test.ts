import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test, vi } from 'vitest';

const busy = new URL('support/terminated-process.ts', import.meta.url).pathname;
const idle = new URL('support/idle-process.ts', import.meta.url).pathname;

interface Run {
  readonly child: ChildProcess;
  readonly lines: string[];
}

const children: ChildProcess[] = [];

/** Starts the controller process, and waits until it reconciles. */
async function start(program: string, ...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, ['--conditions=@kubeloop/source', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await vi.waitFor(() => expect(lines.some((each) => each.startsWith('reconciling'))).toBe(true), {
    timeout: 20_000,
  });
  return { child, lines };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('a process that is sent SIGTERM', () => {
  test('lets the reconcile end, stops in order and exits with 0', async () => {
    const { child, lines } = await start(busy);
    const exited = once(child, 'exit');

    child.kill('SIGTERM');

    expect(await exited).toEqual([0, null]);
    expect(lines.slice(1)).toEqual([
      'reconciled false',
      'runnable ends',
      'stopped: The process was sent SIGTERM',
    ]);
  }, 30_000);

  test('runs until then, although nothing of it waits for anything but the signal', async () => {
    const { child, lines } = await start(idle);
    const exited = once(child, 'exit');

    child.kill('SIGTERM');

    expect(await exited).toEqual([0, null]);
    expect(lines.slice(1)).toEqual(['stopped']);
  }, 30_000);

  test('is alive and not ready while it stops, and ends at once with 1 at the second signal', async () => {
    const { child, lines } = await start(busy, 'stuck');
    const url = lines[0]?.split(' ')[1];
    const exited = once(child, 'exit');
    const ready = (await fetch(`${url}/readyz`)).status;

    child.kill('SIGTERM');
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(500), {
      timeout: 5000,
    });
    const stopping = await (await fetch(`${url}/readyz?verbose`)).text();
    const alive = (await fetch(`${url}/healthz`)).status;
    child.kill('SIGINT');

    expect([ready, alive]).toEqual([200, 200]);
    expect(stopping).toContain('[-]manager failed: stopping\n');
    expect(await exited).toEqual([1, null]);
    expect(lines).toHaveLength(1);
  }, 30_000);
});
