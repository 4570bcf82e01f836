import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { TestContext } from 'vitest';

import { findAssets } from '../src/assets.ts';
import { programNames } from '../src/builder.ts';
import { ControlPlane } from '../src/control-plane.ts';
import { sharedControlPlaneOrSkip, startControlPlaneOrSkip } from '../src/or-skip.ts';
import { freePorts } from '../src/ports.ts';
import { call } from './api.ts';
import { withControllersOrSkip } from './needs-controllers.ts';

async function unstarted(
  context: TestContext,
  options: Partial<ConstructorParameters<typeof ControlPlane>[0]> = {},
): Promise<ControlPlane> {
  sharedControlPlaneOrSkip(context);
  const assets = await findAssets();
  if ('missing' in assets) throw new Error(assets.missing);
  return new ControlPlane({ assets, controllers: [], ...options });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const stateFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('control-plane-')).toSorted();

test('stop leaves no process and no file, and may be called twice', async (context) => {
  await withControllersOrSkip(context);
  const controlPlane = await startControlPlaneOrSkip(context);
  const pids = programNames.map((name) => controlPlane.pid(name) ?? 0);
  const folder = dirname(controlPlane.kubeconfig);
  expect(pids.every(isAlive)).toBe(true);

  await Promise.all([controlPlane.stop(), controlPlane.stop()]);

  expect(pids.filter(isAlive)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  expect(() => controlPlane.server).toThrow('it is stopped, not running');
});

test('stop ends a frozen program too', async (context) => {
  const controlPlane = await startControlPlaneOrSkip(context, { controllers: [] });
  const pid = controlPlane.pid('kube-apiserver') ?? 0;
  await controlPlane.kill('kube-apiserver', 'SIGSTOP');

  await controlPlane.stop();

  expect(isAlive(pid)).toBe(false);
});

test('a program that does not start is named with the end of its log, and nothing is left', async (context) => {
  const errors: Error[] = [];
  const onError = (error: Error): number => errors.push(error);
  const controlPlane = await unstarted(context, { apiServerArgs: ['--no-such-flag'], onError });
  const before = await stateFolders();

  const started = controlPlane.start();

  await expect(started).rejects.toThrow(
    /^Cannot start kube-apiserver: it ended with code 1\.[^]*no-such-flag/u,
  );
  expect(errors).toEqual([]);
  expect(await stateFolders()).toEqual(before);
});

test('a program that is never ready is given up after startTimeoutMs', async (context) => {
  const controlPlane = await unstarted(context, { startTimeoutMs: 1 });

  await expect(controlPlane.start()).rejects.toThrow('it was not ready after 1 ms');
});

test('an aborted start rejects with the reason of the signal and leaves nothing', async (context) => {
  const controlPlane = await unstarted(context);
  const before = await stateFolders();
  const abort = new AbortController();

  const started = controlPlane.start({ signal: abort.signal });
  setTimeout(() => abort.abort(new Error('changed my mind')), 700);

  await expect(started).rejects.toThrow('changed my mind');
  expect(await stateFolders()).toEqual(before);
});

test('stop cuts a start short', async (context) => {
  const controlPlane = await unstarted(context);
  const before = await stateFolders();

  const started = controlPlane.start();
  started.catch(() => undefined);
  await controlPlane.stop();

  await expect(started).rejects.toThrow('The control plane was stopped');
  expect(await stateFolders()).toEqual(before);
});

test.for([
  { name: 'etcd', index: 0 },
  { name: 'kube-apiserver', index: 1 },
])('a taken port of $name is answered by one more try with others', async ({ index }, context) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  // A server that listens on TCP has an address of this shape.
  const { port } = taken.address() as AddressInfo;
  let tries = 0;
  const pickPorts = async (count: number): Promise<number[]> => {
    tries += 1;
    const ports = await freePorts(count);
    return tries === 1 ? ports.with(index, port) : ports;
  };
  const controlPlane = await unstarted(context, { pickPorts });

  try {
    await controlPlane.start();

    expect(tries).toBe(2);
    expect((await call(controlPlane, 'GET', '/readyz')).status).toBe(200);
  } finally {
    await controlPlane.stop();
    taken.close();
  }
});

test('a program that crashes by itself is reported with the end of its log', async (context) => {
  const reported = Promise.withResolvers<Error>();
  const controlPlane = await unstarted(context, { onError: (error) => reported.resolve(error) });
  await controlPlane.start();
  try {
    process.kill(controlPlane.pid('kube-apiserver') ?? 0, 'SIGKILL');

    expect((await reported.promise).message).toMatch(/^kube-apiserver ended with signal SIGKILL/u);
  } finally {
    await controlPlane.stop();
  }
});

async function startCli(): Promise<{ child: ChildProcess; kubeconfig: string; pids: number[] }> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@kubeloop/source', main], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [kubeconfig] = await once(createInterface({ input: child.stdout }), 'line');
  const folder = join(dirname(String(kubeconfig)), 'pids');
  const names = await readdir(folder);
  const pids = await Promise.all(
    names.map(async (name) => Number(await readFile(join(folder, name), 'utf8'))),
  );
  return { child, kubeconfig: String(kubeconfig), pids };
}

test.for(['SIGTERM', 'SIGINT'] as const)(
  'the command ends in order at %s',
  async (signal, context) => {
    await withControllersOrSkip(context);
    const { child, kubeconfig, pids } = await startCli();
    expect(pids.filter(isAlive)).toHaveLength(3);

    child.kill(signal);
    const [code] = await once(child, 'exit');

    expect(code).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(kubeconfig)).toBe(false);
  },
);

test('a parent that is killed leaves no process and no file', async (context) => {
  await withControllersOrSkip(context);
  const { child, kubeconfig, pids } = await startCli();

  child.kill('SIGKILL');

  await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  await expect.poll(() => existsSync(kubeconfig), { timeout: 10_000 }).toBe(false);
});
