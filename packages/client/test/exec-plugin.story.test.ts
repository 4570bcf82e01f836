import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KubeClient } from '../src/kube-client.ts';
import { loadKubeConfig } from '../src/load-kube-config.ts';
import { answerJson, startServer } from '../testing/scripted-server.ts';

let folder: string;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'kubeloop-client-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function clientWith(server: string, exec: object): KubeClient {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server, skipTLSVerify: true }],
    users: [{ name: 'u', exec: { apiVersion: 'client.authentication.k8s.io/v1', ...exec } }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  return new KubeClient(config);
}

test('no shell sees the arguments of a plugin: they arrive as they are and do nothing', async () => {
  const touched = join(folder, 'touched');
  const args = [
    `$(touch ${touched})`,
    `; touch ${touched}`,
    `\`touch ${touched}\``,
    `a b  c`,
    `&& touch ${touched}`,
    `| touch ${touched}`,
    `> ${touched}`,
    `$HOME`,
    `"' * ~`,
    `line\nbreak`,
  ];
  const program =
    'const token = Buffer.from(JSON.stringify(process.argv.slice(1))).toString("base64url");' +
    'console.log(JSON.stringify({ status: { token } }))';
  await using server = await startServer(({ headers }, response) =>
    answerJson(response, { seen: headers.authorization }),
  );
  await using client = clientWith(server.url, {
    command: process.execPath,
    args: ['-e', program, '--', ...args],
    env: [{ name: 'SOME', value: `$(touch ${touched})` }],
  });

  const { seen } = await client.request<{ seen: string }>('/x');

  expect(JSON.parse(Buffer.from(seen.replace('Bearer ', ''), 'base64url').toString())).toEqual(
    args,
  );
  expect(existsSync(touched)).toBe(false);
});

test('a command with spaces and signs of a shell is the name of a file, which is not there', async () => {
  const touched = join(folder, 'by-command');
  await using server = await startServer((_, response) => answerJson(response, {}));
  await using client = clientWith(server.url, { command: `touch ${touched}; true` });

  await expect(client.request('/x')).rejects.toThrow('ENOENT');

  expect(existsSync(touched)).toBe(false);
  expect(server.requests).toEqual([]);
});

test('a plugin that printed no credential once is asked again by the next call', async () => {
  const count = join(folder, 'count');
  writeFileSync(count, '');
  const program =
    `const { appendFileSync, readFileSync } = require("node:fs"); appendFileSync(${JSON.stringify(count)}, "x");` +
    `const isFirst = readFileSync(${JSON.stringify(count)}, "utf8") === "x";` +
    'console.log(JSON.stringify({ kind: "ExecCredential", ...(!isFirst && { status: { token: "good" } }) }))';
  await using server = await startServer(({ headers }, response) =>
    answerJson(response, { seen: headers.authorization }),
  );
  await using client = clientWith(server.url, { command: process.execPath, args: ['-e', program] });

  await expect(client.request('/x')).rejects.toThrow('Cannot get credentials');

  expect(await client.request('/x')).toEqual({ seen: 'Bearer good' });
});

test('what a plugin prints is not quoted, since it may be a token', async () => {
  await using server = await startServer((_, response) => answerJson(response, {}));
  await using client = clientWith(server.url, { command: 'echo', args: ['BARE-TOKEN'] });

  const error: unknown = await client.request('/x').catch((thrown: unknown) => thrown);

  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('BARE');
  expect(String(error)).toContain(
    `Cannot get credentials for server ${server.url}: what the plugin of the user printed is not JSON`,
  );
});

test('a kubeconfig that is no YAML is not quoted: its line and what is wrong with it are told', async () => {
  const path = join(folder, 'broken');
  writeFileSync(
    path,
    'users:\n- name: u\n  user:\n    token: SECRET-TOKEN\n   password: [SECRET\n',
  );

  const error: unknown = await loadKubeConfig({ path }).catch((thrown: unknown) => thrown);

  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('SECRET');
  expect(String(error)).toContain(
    `Cannot load kubeconfig "${path}": it is not a kubeconfig in line `,
  );
});
