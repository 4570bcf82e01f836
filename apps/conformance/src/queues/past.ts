import type { RecordedLine } from './recording.ts';

/** What is in work after these lines: handed out and not done. */
export function inWorkAfter(lines: readonly RecordedLine[]): ReadonlySet<string | undefined> {
  const inWork = new Set<string | undefined>();
  for (const { operation, args, answers } of lines) {
    if (operation === 'd') inWork.delete(args[0]);
    for (const answer of answers) {
      const item = /^\d+=([^:@]+)/u.exec(answer)?.[1];
      if (item !== undefined) inWork.add(item);
    }
  }
  return inWork;
}

/**
 * What each queued item has been queued by, after these lines and then `last`: for one that was delayed the moment, in
 * microseconds since the beginning, for others a negative number that is theirs alone.
 */
export function queuedByAfter(
  lines: readonly RecordedLine[],
  last: RecordedLine,
): ReadonlyMap<string, number> {
  const waiting = new Map<string, number>();
  const queued = new Map<string, number>();
  let nowMs = 0;
  for (const [index, { operation, args, answers }] of [...lines, last].entries()) {
    const [first = '', second] = args;
    const isDelayed = operation === 'A' && Number(second) > 0;
    if (isDelayed)
      waiting.set(first, Math.min(waiting.get(first) ?? Infinity, nowMs + Number(second)));
    else if ((operation === 'a' || operation === 'A') && !queued.has(first))
      queued.set(first, -1 - index);
    if (operation === 't') {
      nowMs += Number(first);
      for (const [item, atMs] of waiting) {
        if (atMs > nowMs + 1e-6) continue;
        waiting.delete(item);
        // To the microsecond: the sums are not exact.
        if (!queued.has(item)) queued.set(item, Math.round(atMs * 1000));
      }
    }
    if (index < lines.length)
      for (const answer of answers) queued.delete(/^\d+=([^@]+)/u.exec(answer)?.[1] ?? '');
  }
  return queued;
}
