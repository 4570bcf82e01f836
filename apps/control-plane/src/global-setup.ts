import type { TestProject } from 'vitest/node';

import { findAssets } from './assets.ts';
import type { Assets } from './assets.ts';
import { ControlPlane } from './control-plane.ts';
import type { ControlPlaneAccess, ControlPlaneSkip } from './provided-context.ts';

let controlPlane: ControlPlane | undefined;

/**
 * Starts the one control plane of a vitest run and provides it under the key `controlPlane`; builds it first when needed.
 *
 * Without Go and without assets, and when the build fails, tests get a sentence instead and skip, or fail where
 * `KUBELOOP_REQUIRE_CONTROL_PLANE` is 1. A control plane that is there and does not start fails the run.
 */
export async function setup(project: TestProject): Promise<void> {
  const found = await assetsOrReason();
  if (typeof found === 'string') {
    process.stderr.write(`${found}\n`);
    provide(project, { skip: found });
    return;
  }
  if (found.notice !== undefined) process.stderr.write(`${found.notice}\n`);
  controlPlane = new ControlPlane({ assets: found });
  await controlPlane.start();
  const { server, token, ca, kubeconfig } = controlPlane;
  provide(project, { server, token, ca, kubeconfig });
}

function provide(project: TestProject, value: ControlPlaneAccess | ControlPlaneSkip): void {
  project.provide('controlPlane', value);
}

/** Stops the control plane. */
export async function teardown(): Promise<void> {
  await controlPlane?.stop();
}

async function assetsOrReason(): Promise<Assets | string> {
  try {
    const found = await findAssets({ onBuild: (message) => process.stderr.write(`${message}\n`) });
    return 'missing' in found ? found.missing : found;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
