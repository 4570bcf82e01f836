import { inWorkAfter, queuedByAfter } from './past.ts';
import type { RecordedLine } from './recording.ts';

/** An operation whose answers differ. */
export interface DifferentStep {
  readonly line: RecordedLine;
  /** What client-go answered, without what we had answered before it. */
  readonly expected: readonly string[];
  /** What we answered. */
  readonly actual: readonly string[];
  /** The lines before. */
  readonly past: readonly RecordedLine[];
}

/**
 * What becomes of the rest of a sequence: nothing, because the two queues are in different states; or it goes on, after we
 * have answered earlier than client-go does, or differently.
 */
export type Verdict = 'stop' | 'earlier' | 'go on' | undefined;

/** A difference that is there on purpose. */
export interface WantedDifference {
  /** Says which one it is in texts and tests. */
  readonly id: string;
  /** What is different, and why. */
  readonly reason: string;
  /** The kinds of sequences in which it may occur. */
  readonly kinds: readonly string[];
  /** Whether this is the difference at hand. Absent when a player takes care of it. */
  readonly isIt?: (step: DifferentStep) => Verdict;
}

/** All differences that are there on purpose. Each must occur in the recordings of this repository. */
export const wantedDifferences: readonly WantedDifference[] = [
  {
    id: 'turn',
    reason:
      'When a done leaves nothing in work, client-go signals its one condition variable, which puts the get that has waited ' +
      'the longest behind all others. Ours keep their turn. Which worker gets an item is nowhere promised by client-go.',
    kinds: ['work-queue', 'delaying', 'rate-limiting', 'stray-done', 'ties'],
  },
  {
    id: 'stray done',
    reason:
      'A done for an item that is queued and not in work queues it a second time in client-go, so that two workers can have ' +
      'it. Ours does nothing.',
    kinds: ['stray-done'],
    isIt: ({ line, expected, actual, past }) =>
      line.operation === 'd' &&
      !inWorkAfter(past).has(line.args[0]) &&
      expected.length === 1 &&
      expected[0]?.startsWith('l') === true &&
      actual.length === 0
        ? 'stop'
        : undefined,
  },
  {
    id: 'all drains',
    reason:
      'When the last item is done, client-go wakes one caller of ShutDownWithDrain, and the others only with the next done ' +
      'or shutdown. Ours are all released.',
    kinds: ['many-drains'],
    isIt: ({ line, expected, actual }) =>
      line.operation === 'd' && expected.length > 0 && addsOnlyDrains(expected, actual)
        ? 'earlier'
        : undefined,
  },
  {
    id: 'second shutdown',
    reason:
      'ShutDown of a delaying queue does nothing when it is called again in client-go, so that it does not end a drain that ' +
      'began in between. Ours ends it, as that of a plain queue does.',
    kinds: ['delaying', 'rate-limiting', 'ties'],
    isIt: ({ line, expected, actual, past }) =>
      line.operation === 's' &&
      past.some(({ operation }) => operation === 's') &&
      addsOnlyDrains(expected, actual)
        ? 'earlier'
        : undefined,
  },
  {
    id: 'limited after shutdown',
    reason:
      'addRateLimited after shutdown asks the limiter in client-go, which counts a failure, although the item is not added. ' +
      'Ours is ignored altogether, as in controller-runtime.',
    kinds: ['rate-limiting'],
    isIt: ({ line, expected, actual, past }) => {
      const count = (answers: readonly string[]): number => Number(answers[0]?.slice(1));
      const more = limitedAfterShutdown(line.args[0], past);
      return line.operation === 'n' && more > 0 && count(expected) - count(actual) === more
        ? 'go on'
        : undefined;
    },
  },
  {
    id: 'ties',
    reason:
      'Items that are due at the same moment come out of the heap of client-go in an order that depends on what else was in ' +
      'it. Ours come in the order in which they were delayed.',
    kinds: ['ties'],
    isIt: ({ line, expected, actual, past }) => {
      const queuedBy = queuedByAfter(past, line);
      const pair = firstItems(expected, actual);
      const isTie = pair !== undefined && queuedBy.get(pair[0]) === queuedBy.get(pair[1]);
      return isTie && queuedBy.has(pair[0]) ? 'stop' : undefined;
    },
  },
  {
    id: 'delayed and added at once',
    reason:
      'An item that waits for its time and is then added at once has in controller-runtime the place in its priority that ' +
      'its first addition had. Ours has the place of the addition that made it ready.',
    kinds: ['priority-at-once'],
    isIt: ({ line, expected, actual, past }) => {
      const pair = firstItems(expected, actual);
      const [before, after] = pair ?? [];
      return before !== undefined &&
        before.split(':')[1] === after?.split(':')[1] &&
        pair?.some((item) => isAddedTwice(item, [...past, line])) === true
        ? 'stop'
        : undefined;
    },
  },
  {
    id: 'queued at shutdown',
    reason:
      'At shutdown controller-runtime drops what is queued. Ours is still handed out, as from the queues of client-go.',
    kinds: ['priority-shutdown'],
    isIt: ({ line, expected, actual, past }) =>
      line.operation === 'g' &&
      past.some(({ operation }) => operation === 's') &&
      /^\d+!$/u.test(expected[0] ?? '') &&
      /^\d+=/u.test(actual[0] ?? '')
        ? 'stop'
        : undefined,
  },
  {
    id: 'cancelled twice',
    reason:
      'A reservation that is cancelled twice gives its tokens back twice in golang.org/x/time/rate, so that more are used ' +
      'than there are. Ours gives them back once.',
    kinds: ['token-bucket-twice'],
    isIt: ({ line, past }) =>
      line.operation === 'c' &&
      past.some(({ operation, args }) => operation === 'c' && args[0] === line.args[0])
        ? 'stop'
        : undefined,
  },
];

/** Whether we answered all that was expected, and beyond that only that drains have ended. */
function addsOnlyDrains(expected: readonly string[], actual: readonly string[]): boolean {
  const more = actual.filter((answer) => !expected.includes(answer));
  return (
    expected.every((answer) => actual.includes(answer)) &&
    more.length > 0 &&
    more.every((answer) => answer.startsWith('D'))
  );
}

/** How many rate limited additions of an item came after shutdown, and after it was forgotten last. */
function limitedAfterShutdown(item: string | undefined, past: readonly RecordedLine[]): number {
  const shutdown = past.findIndex(({ operation }) => operation === 's' || operation === 'S');
  if (shutdown === -1) return 0;
  const forgotten = past.findLastIndex(
    ({ operation, args }) => operation === 'f' && args[0] === item,
  );
  return past
    .slice(Math.max(shutdown, forgotten))
    .filter(({ operation, args }) => operation === 'r' && args[0] === item).length;
}

/** The first two items that differ: client-go's and ours, with their priorities if they have any. */
function firstItems(
  expected: readonly string[],
  actual: readonly string[],
): readonly [string, string] | undefined {
  const index = expected.findIndex((answer, at) => answer !== actual[at]);
  const pair = [expected[index], actual[index]].map(
    (answer) => /^\d+=([^@]+)/u.exec(answer ?? '')?.[1],
  );
  return pair[0] === undefined || pair[1] === undefined ? undefined : [pair[0], pair[1]];
}

/** Whether an item was delayed, and then added again, since it was last handed out. */
function isAddedTwice(itemAndPriority: string, past: readonly RecordedLine[]): boolean {
  const item = itemAndPriority.split(':')[0] ?? '';
  const since = past
    .slice(0, -1)
    .findLastIndex(({ answers }) => answers.some((answer) => answer.includes(`=${item}:`)));
  const additions = past
    .slice(since + 1)
    .filter(({ operation, args }) => operation === 'p' && args[0]?.split(',').includes(item));
  const delayed = additions.findIndex(({ args }) =>
    /(?: \+| r)/u.test(` ${args.slice(1).join(' ')}`),
  );
  return delayed !== -1 && delayed < additions.length - 1;
}
