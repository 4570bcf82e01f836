import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Runs the contract with the runner of Node, in a process that knows no other. */
function runWithNode(broken: boolean): { readonly status: number | null; readonly tap: string } {
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      '--conditions=@kubeloop/source',
      '--test',
      '--test-reporter=tap',
      join(import.meta.dirname, 'node-test/contract.ts'),
    ],
    {
      encoding: 'utf8',
      // A child of this runner would think that it is a test of it.
      env: { PATH: process.env['PATH'], BROKEN: broken ? 'yes' : 'no' },
      timeout: 60_000,
    },
  );
  return { status, tap: stdout };
}

test('the contract runs with node:test as well', () => {
  const { status, tap } = runWithNode(false);

  expect(tap).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(tap)?.[1])).toBeGreaterThan(60);
  expect(status).toBe(0);
});

test('what is wrong fails with node:test as well', () => {
  const { status, tap } = runWithNode(true);

  expect(tap).toMatch(/not ok \d+ - no second worker gets an item before it is done/);
  expect(status).toBe(1);
});
