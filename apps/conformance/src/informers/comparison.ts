import type { Outcome } from './outcome.ts';

/** A wanted difference between our informer and client-go's, in scenarios that show it. */
export interface Difference {
  /** Why it is wanted. */
  readonly reason: string;
  /** The scenarios in which it shows, all in the same way. */
  readonly titles: readonly string[];
  /** The parts in which our outcome is another, as they have to be. */
  readonly ours: Partial<Outcome>;
  /** Whether we ask the server more often. Without it we must not. */
  readonly asksMore?: boolean;
}

/** An update that says twice the same, such as `update uid-a@1 to uid-a@1`. */
const withoutChange = /^update (\S+) to \1$/;

/**
 * What client-go tells without the updates in which neither uid nor version changes. This is the one difference that holds
 * in every scenario: after a relist client-go tells each handler of every object, also of those that did not change; ours
 * tells those only to handlers whose resync is due. The check is one-sided: if ours told such an update, it would be found.
 */
export function withoutUnchanged(outcome: Outcome): Outcome {
  const told = Object.entries(outcome.told)
    .map(([key, calls]) => [key, calls.filter((call) => !withoutChange.test(call))] as const)
    .filter(([, calls]) => calls.length > 0);
  return { ...outcome, told: Object.fromEntries(told) };
}

/** What our informer has to do where client-go did what was recorded. */
export function expectedOf(recorded: Outcome, difference: Difference | undefined): Outcome {
  return { ...withoutUnchanged(recorded), ...difference?.ours };
}

/** The parts of a difference that are none: in them, what we are to do is what client-go did. */
export function idleParts(recorded: Outcome, { ours }: Difference): string[] {
  const compared = withoutUnchanged(recorded);
  const parts = ['requests', 'told', 'store', 'synced'] as const;
  return parts.filter(
    (part) => part in ours && JSON.stringify(ours[part]) === JSON.stringify(compared[part]),
  );
}

/** How often the server was asked: for lists, and for watches, whether they begin with everything or not. */
export function effort({ requests }: Outcome): {
  readonly lists: number;
  readonly watches: number;
} {
  const lists = requests.filter((text) => text.startsWith('LIST')).length;
  return { lists, watches: requests.length - lists };
}

/** Whether the first outcome cost the server more lists or more watches than the second. */
export function asksMore(ours: Outcome, theirs: Outcome): boolean {
  const [mine, yours] = [effort(ours), effort(theirs)];
  return mine.lists > yours.lists || mine.watches > yours.watches;
}
