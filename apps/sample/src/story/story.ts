import { setTimeout as wait } from 'node:timers/promises';
import type { Chapter } from './chapter.ts';
import { chapters } from './chapters.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

/** What the story tells while it goes on. */
export interface StoryListener {
  /** A chapter begins. */
  begins(chapter: Chapter, number: number, count: number): void;
  /** A fact of the chapter has come true. */
  verified(says: string, afterMs: number): void;
}

/** How the story is played. */
export interface StoryOptions {
  /** How many pods there are besides those of the story; default 0. */
  readonly pods?: number;
  /** How long to rest before and after each chapter, in milliseconds; zero for none. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

/**
 * Plays the story from the first chapter to the last.
 *
 * @returns how many facts were verified
 * @throws Error when a fact does not come true in time
 */
export async function playStory(
  stage: Stage,
  listener: StoryListener,
  { pods = 0, pauseMs, signal }: StoryOptions,
): Promise<number> {
  const all = chapters(stage, pods);
  let verified = 0;
  for (const [index, chapter] of all.entries()) {
    listener.begins(chapter, index + 1, all.length);
    await wait(pauseMs, undefined, { signal });
    const startedMs = performance.now();
    await chapter.act(stage, signal);
    for (const fact of chapter.facts) {
      await until(fact.says, () => fact.holds(stage), signal);
      listener.verified(fact.says, performance.now() - startedMs);
      verified += 1;
    }
    await wait(pauseMs, undefined, { signal });
  }
  return verified;
}
