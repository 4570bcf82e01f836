// What tests need.
export { sharedControlPlaneOrSkip, startControlPlaneOrSkip } from './or-skip.ts';
export type { StartOrSkipOptions } from './or-skip.ts';
export type { SkippableContext } from './skip-or-fail.ts';
export { buildGoProgram, goProgramOrSkip } from './go-program.ts';
export type { GoProgramOptions } from './go-program.ts';
export type { ControlPlaneAccess, ControlPlaneSkip } from './provided-context.ts';

// What programs that run a control plane need.
export { ControlPlane, defaultControllers } from './control-plane.ts';
export type { ControlPlaneOptions } from './control-plane.ts';
export type { ServingCertificate } from './arguments.ts';
export { findAssets } from './assets.ts';
export type { Assets, FindAssetsOptions, MissingAssets } from './assets.ts';
export { kubernetesVersion } from './builder.ts';
export type { ProgramName } from './builder.ts';
export type { ProgramSignal } from './program.ts';
