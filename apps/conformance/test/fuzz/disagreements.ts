import type { Recording } from '../../src/fuzz/recording.ts';
import { topics } from '../../src/fuzz/topics.ts';
import { differences, type Difference } from './differences.ts';

/** What is left when a recording is compared with us. */
export interface Comparison {
  /** The cases that differ for no known reason: as recorded, and as we make them. */
  readonly disagreements: readonly string[];
  /** The wanted differences that occurred. */
  readonly met: ReadonlySet<Difference>;
}

/** Plays a recording with our packages and compares each case. */
export function compare(topic: string, recording: Recording): Comparison {
  const ours = topics[topic]?.(recording) ?? [];
  const disagreements: string[] = [];
  const met = new Set<Difference>();
  for (const [index, theirs] of recording.cases.entries()) {
    const our = ours[index] ?? [];
    if (JSON.stringify(theirs) === JSON.stringify(our)) continue;
    const known = differences.filter((each) => each.topic === topic && each.covers(theirs, our));
    for (const each of known) met.add(each);
    if (known.length === 0)
      disagreements.push(`recorded ${JSON.stringify(theirs)}, ours ${JSON.stringify(our)}`);
  }
  return { disagreements, met };
}
