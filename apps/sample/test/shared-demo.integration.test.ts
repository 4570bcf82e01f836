import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sharedBrokerOrSkip } from '@kubeloop/shared-queue/testing';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

async function demo(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, ['--conditions=@kubeloop/source', main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  return { code: await promise, output };
}

/** The process ids that a pattern finds in a text. */
function pids(pattern: RegExp, text: string): number[] {
  return [...text.matchAll(pattern)].map(([, pid]) => Number(pid));
}

test('the demo of the shared queue kills a worker, ships every order, and leaves no broker behind', async (context) => {
  await sharedBrokerOrSkip(context);

  const { code, output } = await demo(['--shared', '--once']);

  expect(output).toMatch(/kill -9 \d+: worker-\d is gone, and with it partitions \d/u);
  expect(output).toMatch(/was under way on worker-\d: runs again on worker-\d/u);
  expect(output).toContain('✓ all 24 orders are shipped');
  expect(output).toContain(' 0 keys in two processes at once');
  expect(output).toContain('All processes have ended.');
  expect(code).toBe(0);
  const [broker] = pids(/RabbitMQ of its own, process (\d+)/gu, output);
  expect(() => process.kill(broker ?? 0, 0)).toThrow('ESRCH');
}, 120_000);

test('the demo runs on a broker that is given, and removes its queue from it', async (context) => {
  const broker = await sharedBrokerOrSkip(context);

  const { code, output } = await demo(['--shared', '--once', '--broker', broker.node.url]);

  expect(output).toContain(`on the broker at 127.0.0.1:${broker.node.port}`);
  expect(code).toBe(0);
  expect(await broker.control(['list_queues', 'name'])).toBe('');
  expect(await broker.control(['list_exchanges', 'name'])).not.toContain('wq.demo');
}, 120_000);

test('without RabbitMQ the demo says how to get it, and that a broker in a container does as well', async () => {
  const { code, output } = await demo(['--shared', '--once'], {
    KUBELOOP_RABBITMQ_BIN: '/nowhere',
  });

  expect(code).toBe(1);
  expect(output).toContain('apt-get install -y --no-install-recommends rabbitmq-server');
  expect(output).toContain('apps/shared-queue/compose.yaml');
  expect(output).toContain('--broker amqp://');
});
