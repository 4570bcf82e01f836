import type { LeaseState } from './lease-journal.ts';
import type { Member, Times } from './member.ts';

/** What a process said of itself, what was done to it, and how it ended. */
export type Witness = Pick<Member, 'kind' | 'identity' | 'said' | 'pauses' | 'exit'>;

/** A time during which a process acted as the leader without being paused. */
interface Span {
  readonly member: Witness;
  readonly from: number;
  to: number;
  /** The end of the pause that it follows, if it follows one. */
  readonly resumedAt: number | undefined;
  /** How many pieces of work were done in it. */
  steps: number;
}

/**
 * What a process that was paused may still do when it wakes up.
 *
 * Ours: the one step that was under way. client-go's elector looks at its deadline only between tries: it goes on for a retry period, and then for
 * a whole renew deadline, each try of which may wait for an answer.
 */
function allowanceOf(
  { kind }: Witness,
  times: Times,
): { readonly ms: number; readonly steps: number } {
  if (kind === 'ours') return { ms: 100, steps: 1 };
  return {
    ms: times.retryMs + times.renewMs + Math.max(1_000, times.renewMs / 2),
    steps: Infinity,
  };
}

/** The times in which a process said that it leads, cut where it was paused. */
function spansOf(member: Witness): Span[] {
  const spans: Span[] = [];
  let open: Span | undefined;
  for (const { event, at } of member.said) {
    if (event !== 'started' && event !== 'work') {
      if (event === 'stopped') open = undefined;
      continue;
    }
    const resumedAt = member.pauses.findLast(({ to }) => to <= at)?.to;
    if (open && (open.resumedAt === resumedAt || (resumedAt ?? 0) < open.from)) {
      open.to = at;
    } else {
      const follows = open === undefined ? undefined : resumedAt;
      open = { member, from: at, to: at, resumedAt: follows, steps: 0 };
      spans.push(open);
    }
    if (event === 'work') open.steps += 1;
  }
  return spans;
}

/** Two processes acted as the leader at the same time. */
export interface Overlap {
  /** The one that had been paused, or else the one that began first. */
  readonly late: Witness;
  readonly other: Witness;
  readonly ms: number;
  /** Whether it is what a process that wakes up may do. */
  readonly isAllowed: boolean;
}

/** All times at which two processes acted as the leader. The election was sound when all of them are allowed. */
export function overlaps(members: readonly Witness[], times: Times): Overlap[] {
  const spans = members.flatMap(spansOf).toSorted((a, b) => a.from - b.from);
  const found: Overlap[] = [];
  for (const [index, a] of spans.entries())
    for (const b of spans.slice(index + 1)) {
      if (b.from > a.to) break;
      if (a.member === b.member) continue;
      const ms = Math.min(a.to, b.to) - b.from;
      const [late, other] = isAllowed(b, times) ? [b, a] : [a, b];
      found.push({
        late: late.member,
        other: other.member,
        ms,
        isAllowed: isAllowed(late, times),
      });
    }
  return found;
}

function isAllowed({ member, resumedAt, to, steps }: Span, times: Times): boolean {
  if (resumedAt === undefined) return false;
  const allowance = allowanceOf(member, times);
  return to - resumedAt <= allowance.ms && steps <= allowance.steps;
}

/** Who has ended in another way than it said, in words: by itself after a loss with code 1, in good order with 0, or killed. */
export function strangeEnds(members: readonly Witness[]): string[] {
  return members.flatMap(({ identity, said, exit }) => {
    const last = said.at(-1)?.event;
    const code = last === 'lost' ? 1 : 0;
    const isRight =
      exit?.signal === 'SIGKILL' || (exit?.code === code && (last === 'lost' || last === 'ended'));
    return isRight ? [] : [`${identity} said "${last}" and ended with ${JSON.stringify(exit)}`];
  });
}

const microTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** What is wrong in the history of a Lease, in words: counts of transitions, times, durations. */
export function leaseFaults(states: readonly LeaseState[], { leaseMs }: Times): string[] {
  const found: string[] = [];
  const expect = (holds: boolean, what: string, index: number): void => {
    if (!holds) found.push(`state ${index}: ${what}: ${JSON.stringify(states[index]?.spec)}`);
  };
  for (const [index, { spec }] of states.entries()) {
    const before = states[index - 1]?.spec;
    const isReleased = spec.holderIdentity === '';
    expect(spec.leaseDurationSeconds === (isReleased ? 1 : leaseMs / 1_000), 'duration', index);
    expect(microTime.test(spec.acquireTime ?? ''), 'form of acquireTime', index);
    expect(microTime.test(spec.renewTime ?? ''), 'form of renewTime', index);
    const isSame = before?.holderIdentity === spec.holderIdentity;
    const risesBy = before === undefined || isSame || isReleased ? 0 : 1;
    const expected = (before?.leaseTransitions ?? 0) + risesBy;
    expect(spec.leaseTransitions === expected, `transitions are not ${expected}`, index);
    if (before && isSame) {
      expect(before.acquireTime === spec.acquireTime, 'acquireTime changed', index);
      expect((before.renewTime ?? '') <= (spec.renewTime ?? ''), 'renewTime went back', index);
    }
  }
  return found;
}
