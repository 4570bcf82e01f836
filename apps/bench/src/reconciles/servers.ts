import { KubeClient } from '@kubeloop/client';
import { ControlPlane, findAssets } from '@kubeloop/control-plane';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A server in processes of its own, until it is disposed of. */
export interface BenchServer extends AsyncDisposable {
  readonly title: string;
  /** Where it is and who its clients are: environment variables of the subjects. */
  readonly environment: Readonly<Record<string, string>>;
  readonly client: KubeClient;
}

/**
 * The in-process server, in a process that does nothing else.
 *
 * @param nodeOptions - as for our controller
 */
export async function startInProcessServer(nodeOptions: readonly string[]): Promise<BenchServer> {
  const program = fileURLToPath(new URL('server-process.ts', import.meta.url));
  const child = spawn(process.execPath, [...nodeOptions, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [url] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => Promise.reject(new Error('The API server ended before it was there'))),
  ]);
  const client = new KubeClient({ server: String(url), skipTLSVerify: true });
  return {
    title: '`@kubeloop/apiserver`',
    environment: { BENCH_SERVER: String(url) },
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      child.stdin.end();
      await ended;
    },
  };
}

/** etcd and kube-apiserver, or the reason why there are none. */
export async function startControlPlane(): Promise<BenchServer | { readonly missing: string }> {
  const assets = await findAssets({ onBuild: (message) => console.error(message) });
  if ('missing' in assets) return assets;
  const controlPlane = new ControlPlane({ assets, controllers: [] });
  await controlPlane.start();
  return useControlPlane(controlPlane, () => controlPlane.stop());
}

/**
 * A control plane as a server of this bench.
 *
 * @param stop - stops it, when it is this bench's own
 */
export async function useControlPlane(
  access: { readonly server: string; readonly token: string; readonly ca: string },
  stop?: () => Promise<void>,
): Promise<BenchServer> {
  const { server, token, ca } = access;
  const folder = await mkdtemp(join(tmpdir(), 'kubeloop-bench-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, ca);
  const client = new KubeClient({ server, token, ca });
  return {
    title: 'kube-apiserver, TLS',
    environment: { BENCH_SERVER: server, BENCH_TOKEN: token, BENCH_CA_FILE: caFile },
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await stop?.();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
