import { parseArgs } from 'node:util';

import { findAssets } from './assets.ts';
import { kubernetesVersion } from './builder.ts';
import { ControlPlane } from './control-plane.ts';

/** Builds, and unless `--build-only` is given, runs a control plane until SIGINT or SIGTERM. Returns the exit code. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { 'build-only': { type: 'boolean', default: false } } });
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => interrupted.abort(new Error(`Stopped by ${name}`)));
  }
  const { signal } = interrupted;

  const assets = await findAssets({ signal, onBuild: (message) => console.error(message) });
  if ('missing' in assets) {
    console.error(assets.missing);
    return 1;
  }
  if (assets.notice !== undefined) console.error(assets.notice);
  if (values['build-only']) {
    console.log(assets.directory);
    return 0;
  }
  await run(new ControlPlane({ assets }), signal);
  return 0;
}

async function run(controlPlane: ControlPlane, signal: AbortSignal): Promise<void> {
  try {
    await controlPlane.start({ signal });
    console.error(
      `Kubernetes ${kubernetesVersion} at ${controlPlane.server}, until Ctrl-C. Its kubeconfig:`,
    );
    console.log(controlPlane.kubeconfig);
    // The programs are children with open handles, so this process stays while they run.
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    await controlPlane.stop();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
