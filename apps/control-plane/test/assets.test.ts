import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { findAssets } from '../src/assets.ts';
import { buildFlags, goDirectory } from '../src/builder.ts';
import { cacheKey, readGoSources, sourceHash } from '../src/cache-key.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assets-test-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function programs(directory: string, ...names: string[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of names) await writeFile(join(directory, name), '', { mode: 0o755 });
}

async function cachedFolder(version: string): Promise<string> {
  const hash = sourceHash(await readGoSources(goDirectory), buildFlags);
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return join(folder, 'control-plane', cacheKey(hash, { version, os: process.platform, arch }));
}

const withoutGo = { goCommand: 'no-such-go' };

test('KUBEBUILDER_ASSETS is used when set', async () => {
  await programs(folder, 'etcd', 'kube-apiserver', 'kube-controller-manager');

  const assets = await findAssets({ environment: { KUBEBUILDER_ASSETS: folder }, ...withoutGo });

  expect(assets).toEqual({
    directory: folder,
    origin: 'environment',
    etcd: join(folder, 'etcd'),
    apiServer: join(folder, 'kube-apiserver'),
    controllerManager: join(folder, 'kube-controller-manager'),
    notice: undefined,
  });
});

test('KUBEBUILDER_ASSETS may lack kube-controller-manager, and a notice says what will not work', async () => {
  await programs(folder, 'etcd', 'kube-apiserver');

  const assets = await findAssets({ environment: { KUBEBUILDER_ASSETS: folder }, ...withoutGo });

  expect(assets).toMatchObject({
    controllerManager: undefined,
    notice: expect.stringContaining('no kube-controller-manager'),
  });
});

test('a KUBEBUILDER_ASSETS folder without kube-apiserver is an error that names folder and program', async () => {
  await programs(folder, 'etcd');

  const found = findAssets({ environment: { KUBEBUILDER_ASSETS: folder }, ...withoutGo });

  await expect(found).rejects.toThrow(
    `Cannot use folder "${folder}" of KUBEBUILDER_ASSETS: no executable kube-apiserver in it`,
  );
});

test('a KUBEBUILDER_ASSETS folder that does not exist is an error that names both programs', async () => {
  const found = findAssets({ environment: { KUBEBUILDER_ASSETS: join(folder, 'none') } });

  await expect(found).rejects.toThrow('no executable etcd and no executable kube-apiserver');
});

test('a program that may not be executed counts as missing', async () => {
  await programs(folder, 'etcd', 'kube-apiserver');
  await chmod(join(folder, 'etcd'), 0o644);

  const found = findAssets({ environment: { KUBEBUILDER_ASSETS: folder } });

  await expect(found).rejects.toThrow('no executable etcd in it');
});

test('a host without Go and without assets gets one sentence with both remedies', async () => {
  const found = await findAssets({ environment: { KUBELOOP_CACHE_DIR: folder }, ...withoutGo });

  expect(found).toEqual({
    missing: expect.stringMatching(/^No control plane on this host: .*KUBEBUILDER_ASSETS/u),
  });
});

test('an empty KUBEBUILDER_ASSETS counts as not set', async () => {
  const environment = { KUBEBUILDER_ASSETS: '', KUBELOOP_CACHE_DIR: folder };

  expect(await findAssets({ environment, ...withoutGo })).toHaveProperty('missing');
});

test('a host without Go uses a build of the same sources that is in the cache', async () => {
  const cached = await cachedFolder('go1.99.0');
  await programs(cached, 'control-plane', 'etcd', 'kube-apiserver', 'kube-controller-manager');

  const found = await findAssets({ environment: { KUBELOOP_CACHE_DIR: folder }, ...withoutGo });

  expect(found).toMatchObject({ origin: 'cache', directory: cached });
});

test('a half-made build in the cache is not used', async () => {
  await programs(
    join(folder, 'control-plane', '.building-abc'),
    'control-plane',
    'etcd',
    'kube-apiserver',
  );

  const found = await findAssets({ environment: { KUBELOOP_CACHE_DIR: folder }, ...withoutGo });

  expect(found).toHaveProperty('missing');
});
