import type { Stage } from './stage.ts';

/** Something that must come true. */
export interface Fact {
  /** The fact as a sentence. */
  readonly says: string;
  /** Whether it is true now, as the caches show it. */
  holds(stage: Stage): boolean;
}

/** One step of the story. */
export interface Chapter {
  readonly title: string;
  /** What is shown and why it matters, for the reader of the screen. */
  readonly why: string;
  /** What somebody does to the cluster. What must be seen while it happens is looked for here. */
  act(stage: Stage, signal: AbortSignal): Promise<void>;
  /** What must be true in the end. */
  readonly facts: readonly Fact[];
}
