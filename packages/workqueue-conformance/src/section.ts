import type { AllAbilities } from './abilities.ts';
import type { Stage } from './stage.ts';

/** What the parts of the contract are written with. */
export interface Section {
  readonly abilities: AllAbilities;
  /** Whether a second handle to a queue can be had. */
  readonly hasHandles: boolean;
  /** Makes a test, on a stage of its own. */
  readonly test: (title: string, body: (stage: Stage) => Promise<void>) => void;
}
