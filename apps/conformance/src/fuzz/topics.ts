import { keys, resourceVersions } from './keys.ts';
import { ownerReferences, ownerRequests } from './owners.ts';
import type { Recording } from './recording.ts';
import { fieldSelectors, labelSelectorObjects, labelSelectors } from './selectors.ts';

/** Plays the cases of a recording with our packages: the same cases, with our outcome. */
export type Replay = (recording: Recording) => readonly (readonly unknown[])[];

/** What is compared, by the name of the recording. */
export const topics: Readonly<Record<string, Replay>> = {
  'label-selectors': labelSelectors,
  'label-selector-objects': labelSelectorObjects,
  'field-selectors': fieldSelectors,
  keys,
  'owner-requests': ownerRequests,
  'owner-references': ownerReferences,
  'resource-versions': resourceVersions,
};
