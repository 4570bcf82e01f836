/** One condition of an object's status, as in `metav1.Condition`. */
export interface Condition {
  /** What the condition is about, such as `Ready`; unique in its list. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** Why, as one CamelCase word. */
  readonly reason: string;
  /** Why, for people; may be empty. */
  readonly message: string;
  /** The `metadata.generation` that the condition was made from. */
  readonly observedGeneration?: number | undefined;
  /** When `status` changed last, as RFC 3339 text. */
  readonly lastTransitionTime: string;
}

/** A condition to set; the time of its transition is found out unless given. */
export type NewCondition = Omit<Condition, 'lastTransitionTime'> & {
  readonly lastTransitionTime?: string | undefined;
};

/** Where {@link setCondition} takes the time from. */
export interface SetConditionOptions {
  /** The time of day. Default: the system's. */
  readonly now?: (() => Date) | undefined;
}

/**
 * The list of conditions after one has been set; the given list stays as it is. `lastTransitionTime` moves only when
 * `status` does, to the given time or to now, as with apimachinery's `meta.SetStatusCondition`; `reason`, `message` and
 * `observedGeneration` are always those of the new one. The very same list comes back when nothing changed, so `===` tells whether
 * the status must be written.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  condition: NewCondition,
  options: SetConditionOptions = {},
): readonly Condition[] {
  const list = conditions ?? [];
  const existing = findCondition(list, condition.type);
  if (!existing) return [...list, { ...condition, lastTransitionTime: transition() }];
  const lastTransitionTime =
    existing.status === condition.status ? existing.lastTransitionTime : transition();
  const next: Condition = { ...condition, lastTransitionTime };
  if (isSame(existing, next)) return list;
  return list.map((each) => (each === existing ? next : each));

  function transition(): string {
    if (condition.lastTransitionTime !== undefined) return condition.lastTransitionTime;
    const now = options.now?.() ?? new Date();
    return now.toISOString().replace(/\.\d+Z$/, 'Z'); // metav1.Time has whole seconds
  }
}

/** The list without the conditions of a type; the very same list when there is none. */
export function removeCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): readonly Condition[] {
  const list = conditions ?? [];
  return findCondition(list, type) ? list.filter((condition) => condition.type !== type) : list;
}

/** The condition of a type, or `undefined`. */
export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether there is a condition of a type and its status is `True`. */
export function isConditionTrue(
  conditions: readonly Condition[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/** Whether there is a condition of a type and its status is `False`; one that is missing or `Unknown` is not. */
export function isConditionFalse(
  conditions: readonly Condition[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'False';
}

function isSame(a: Condition, b: Condition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    // Zero is left out on the wire.
    (a.observedGeneration ?? 0) === (b.observedGeneration ?? 0) &&
    a.lastTransitionTime === b.lastTransitionTime
  );
}
