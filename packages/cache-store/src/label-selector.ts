import {
  requirementMatches,
  requirementText,
  type LabelRequirement,
  type Labels,
} from './label-requirement.ts';

/** Selects objects by their labels. Immutable. */
export interface LabelSelector {
  /** Whether labels meet every requirement; no labels are like an empty set of labels. */
  matches(labels: Labels): boolean;
  /**
   * The selector as text for a request, in canonical form: requirements sorted by key, values sorted. Equal to
   * apimachinery's. {@link nothingSelector} has no text of its own and gives "", which a server reads as everything: do
   * not send a request for it.
   */
  toString(): string;
  /** Whether there is no requirement, so that everything is selected. */
  readonly empty: boolean;
  /** The requirements, all of which must be met, sorted by key. */
  readonly requirements: readonly LabelRequirement[];
}

/** Makes a selector of requirements that are known to be valid. */
export function selectorOf(requirements: readonly LabelRequirement[]): LabelSelector {
  return requirements.length === 0 ? everythingSelector : new RequirementsSelector(requirements);
}

class RequirementsSelector implements LabelSelector {
  readonly requirements: readonly LabelRequirement[];
  #text: string | undefined;

  constructor(requirements: readonly LabelRequirement[]) {
    this.requirements = requirements.toSorted((a, b) =>
      a.key < b.key ? -1 : Number(a.key > b.key),
    );
  }

  get empty(): boolean {
    return this.requirements.length === 0;
  }

  matches(labels: Labels): boolean {
    for (const requirement of this.requirements) {
      if (!requirementMatches(requirement, labels)) {
        return false;
      }
    }
    return true;
  }

  toString(): string {
    this.#text ??= this.requirements.map(requirementText).join(',');
    return this.#text;
  }
}

/** Selects every object. */
export const everythingSelector: LabelSelector = new RequirementsSelector([]);

/** Selects no object, whatever its labels: the meaning of a selector that is absent from a Kubernetes object. */
export const nothingSelector: LabelSelector = {
  matches: () => false,
  toString: () => '',
  empty: false,
  requirements: [],
};
