import { messageOf } from './message-of.ts';

/** What was done to one child. */
export interface ChildOutcome {
  /** The child's namespace, `""` when it is cluster-scoped. */
  readonly namespace: string;
  /** The child's name. */
  readonly name: string;
  /**
   * `created` and `updated` mean one apply; `kept`: nothing differed, and nothing was sent; `deleted`: a deletion was sent;
   * `ending`: it is being deleted, and is left alone.
   */
  readonly action: 'created' | 'updated' | 'kept' | 'deleted' | 'ending';
  /** Where an updated child was not as desired, such as `.data.color`. Empty for other actions. */
  readonly differences: readonly string[];
}

/**
 * How a dependent stands. `ready`: all its children are; `not-ready`: they are as desired, but not all are ready; `waiting`:
 * one that it stands after is not ready, so nothing was looked at; `failed`: see `error`; `removing`: its children are to go
 * and some are still there; `removed`: none is left; `absent`: its kind is optional and not installed; `left`: the owner is being deleted, so nothing was looked at.
 */
export type DependentState =
  | 'ready'
  | 'not-ready'
  | 'waiting'
  | 'failed'
  | 'removing'
  | 'removed'
  | 'absent'
  | 'left';

/** What has become of one dependent. */
export interface DependentOutcome {
  /** Its name. */
  readonly name: string;
  /** How it stands. */
  readonly state: DependentState;
  /** What it waits for: the names of dependents that are not ready, or, while it is `removing`, not gone. */
  readonly waitingFor: readonly string[];
  /** What was done to each child that was looked at: the desired ones in order, then those to be deleted. */
  readonly children: readonly ChildOutcome[];
  /** Why it failed. */
  readonly error?: unknown;
}

/** What has become of all dependents of an owner. */
export interface Outcome {
  /** Whether all is as it is to be: what is wanted is ready, and what is not wanted is gone. */
  readonly ready: boolean;
  /** Each dependent by name. */
  readonly perDependent: Readonly<Record<string, DependentOutcome>>;
  /** How many applies and deletions were sent. */
  readonly writes: number;
  /** One sentence for the message of a condition, such as `deployment is not ready; service waits for deployment`. */
  readonly message: string;
}

/** Adds up what has become of each. */
export function outcomeOf(dependents: readonly DependentOutcome[]): Outcome {
  const isDone = ({ state }: DependentOutcome): boolean =>
    state === 'ready' || state === 'removed' || state === 'absent';
  const words = dependents.filter((each) => !isDone(each)).map(inWords);
  const writes = dependents
    .flatMap(({ children }) => children)
    .filter(({ action }) => action !== 'kept' && action !== 'ending').length;
  return {
    ready: words.length === 0,
    perDependent: Object.fromEntries(dependents.map((each) => [each.name, each])),
    writes,
    message: words.length === 0 ? 'all dependents are ready' : words.join('; '),
  };
}

function inWords({ name, state, waitingFor, error }: DependentOutcome): string {
  const others = waitingFor.join(' and ');
  if (state === 'waiting') return `${name} waits for ${others}`;
  if (state === 'removing')
    return `${name} is being removed${others === '' ? '' : ` after ${others}`}`;
  if (state === 'failed') return `${name} failed: ${messageOf(error)}`;
  return state === 'left'
    ? `${name} is left to its owner, which is being deleted`
    : `${name} is not ready`;
}
