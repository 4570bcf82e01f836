import { accessFaults } from './access.ts';
import { controlPlaneFaults } from './control-plane.ts';
import type { Fault } from './fault.ts';
import { networkFaults } from './network.ts';

/** Every kind of fault there is. */
export const faultCatalogue: readonly Fault[] = [
  ...networkFaults,
  ...controlPlaneFaults,
  ...accessFaults,
];
