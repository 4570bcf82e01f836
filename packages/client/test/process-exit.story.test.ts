import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { answerJson, startServer } from '../testing/scripted-server.ts';

const run = promisify(execFile);

test('a client that is not closed does not keep the process alive once its calls have ended', async () => {
  const index = new URL('../src/index.ts', import.meta.url).href;
  await using server = await startServer((_, response) => answerJson(response, { ok: true }));
  const script = `
    const { KubeClient } = await import(${JSON.stringify(index)});
    const client = new KubeClient({ server: '${server.url}', skipTLSVerify: true });
    console.log(JSON.stringify(await client.request('/x')));`;
  const flags = ['--conditions=@kubeloop/source', '--input-type=module', '--eval', script];

  const { stdout } = await run(process.execPath, flags, { timeout: 25_000 });

  expect(stdout).toBe('{"ok":true}\n');
}, 30_000);

test('after closing nothing is left that belongs to the client', async () => {
  const index = new URL('../src/index.ts', import.meta.url).href;
  await using server = await startServer((_, response) => answerJson(response, { ok: true }));
  const script = `
    const { KubeClient, pods } = await import(${JSON.stringify(index)});
    const client = new KubeClient({ server: '${server.url}', skipTLSVerify: true, qps: 5 });
    await client.request('/x');
    const controller = new AbortController();
    const open = client.resource(pods).watch({ idleTimeoutMs: 60_000 })[Symbol.asyncIterator]().next().catch(() => {});
    await client.close();
    await open;
    await new Promise(setImmediate);
    const kinds = process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Timeout/.test(kind));
    console.log(JSON.stringify(kinds));`;
  const flags = ['--conditions=@kubeloop/source', '--input-type=module', '--eval', script];

  const { stdout } = await run(process.execPath, flags, { timeout: 25_000 });

  expect(stdout).toBe('[]\n');
}, 30_000);
