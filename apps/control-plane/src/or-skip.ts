import { inject } from 'vitest';

import { findAssets } from './assets.ts';
import type { FindAssetsOptions } from './assets.ts';
import { ControlPlane } from './control-plane.ts';
import type { ControlPlaneOptions } from './control-plane.ts';
import type { ControlPlaneAccess, ControlPlaneSkip } from './provided-context.ts';
import { skipOrFail } from './skip-or-fail.ts';
import type { SkippableContext } from './skip-or-fail.ts';

/**
 * The control plane that the whole run shares, for a test that gets along with others: it uses a namespace of its own and
 * restarts nothing. Where there is none, the test is skipped, or fails where `KUBELOOP_REQUIRE_CONTROL_PLANE` is 1; the
 * global set-up has said why on standard error. Throws an `Error` in a run without that set-up.
 */
export function sharedControlPlaneOrSkip(context: SkippableContext): ControlPlaneAccess {
  const provided = providedByRun();
  if (provided === undefined) {
    throw new Error(
      'Cannot share a control plane: this run has no global-setup.ts of @kubeloop/control-plane',
    );
  }
  return 'skip' in provided ? skipOrFail(context, provided.skip) : provided;
}

/** Options of the control plane without its assets, and where to look for these. */
export interface StartOrSkipOptions
  extends Omit<ControlPlaneOptions, 'assets'>, FindAssetsOptions {}

/**
 * Starts a control plane for one test, which restarts or kills it or needs its own arguments; about 3 seconds.
 * The caller stops it, best by `await using`. Skips and fails as {@link sharedControlPlaneOrSkip} does, but also works in a
 * run without the global set-up, where it says why it skips on standard error.
 */
export async function startControlPlaneOrSkip(
  context: SkippableContext,
  options: StartOrSkipOptions = {},
): Promise<ControlPlane> {
  const provided = providedByRun();
  if (provided !== undefined && 'skip' in provided) return skipOrFail(context, provided.skip);
  const assets = await findAssets({ onBuild: tell, ...options });
  if ('missing' in assets) {
    tell(assets.missing);
    return skipOrFail(context, assets.missing);
  }
  const controlPlane = new ControlPlane({ ...options, assets });
  await controlPlane.start(options.signal === undefined ? {} : { signal: options.signal });
  return controlPlane;
}

/** What the global set-up provided; `undefined` in a run without it, which vitest's types do not foresee. */
function providedByRun(): ControlPlaneAccess | ControlPlaneSkip | undefined {
  return inject('controlPlane');
}

function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
