import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAuthority, type Authority, type Pair } from '../testing/certificates.ts';
import { respondJson, startHttp2Server } from '../testing/http2-server.ts';
import { answerJson, startServer } from '../testing/scripted-server.ts';

const run = promisify(execFile);
const index = new URL('../src/index.ts', import.meta.url).href;
let authority: Authority;
let pair: Pair;

beforeAll(() => {
  authority = makeAuthority();
  pair = authority.issue('server');
});

afterAll(() => authority[Symbol.dispose]());

type Start = () => Promise<AsyncDisposable & { readonly url: string }>;

/** What a program prints until it ends by itself. */
async function outputOf(script: string): Promise<string> {
  const flags = ['--conditions=@kubeloop/source', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, flags, { timeout: 25_000 });
  return stdout;
}

describe.each<[string, Start]>([
  ['HTTP/1.1', () => startServer((_, response) => answerJson(response, { ok: true }))],
  ['HTTP/2', () => startHttp2Server((stream) => respondJson(stream, { ok: true }), pair)],
])('over %s', (_, start) => {
  test('a client that is not closed does not keep the process alive once its calls have ended', async () => {
    await using server = await start();
    const script = `
      const { KubeClient } = await import(${JSON.stringify(index)});
      const client = new KubeClient({ server: '${server.url}', skipTLSVerify: true, http2: true });
      console.log(JSON.stringify(await client.request('/x')));`;

    expect(await outputOf(script)).toBe('{"ok":true}\n');
  }, 30_000);

  test('after closing nothing is left that belongs to the client', async () => {
    await using server = await start();
    const script = `
      const { KubeClient, pods } = await import(${JSON.stringify(index)});
      const client = new KubeClient({ server: '${server.url}', skipTLSVerify: true, http2: true, qps: 5 });
      await client.request('/x');
      const controller = new AbortController();
      const open = client.resource(pods).watch({ idleTimeoutMs: 60_000 })[Symbol.asyncIterator]().next().catch(() => {});
      await client.close();
      await open;
      await new Promise(setImmediate);
      const kinds = process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Timeout/.test(kind));
      console.log(JSON.stringify(kinds));`;

    expect(await outputOf(script)).toBe('[]\n');
  }, 30_000);
});
