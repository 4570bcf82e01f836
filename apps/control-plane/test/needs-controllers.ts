import type { TestContext } from 'vitest';

import { findAssets } from '../src/assets.ts';
import { sharedControlPlaneOrSkip } from '../src/or-skip.ts';
import type { ControlPlaneAccess } from '../src/provided-context.ts';

/** The control plane of the run; skips the test where it has no kube-controller-manager. */
export async function withControllersOrSkip(context: TestContext): Promise<ControlPlaneAccess> {
  const access = sharedControlPlaneOrSkip(context);
  const assets = await findAssets();
  if ('controllerManager' in assets && assets.controllerManager === undefined) {
    context.skip(assets.notice);
  }
  return access;
}
