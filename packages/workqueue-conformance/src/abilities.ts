/**
 * What an engine can do. The defaults are those of the queues of `@kubeloop/workqueue`; an engine that can do less must say so, and is
 * then held to what is left of the promise.
 */
export interface Abilities {
  /** Items are handed out in the order in which they were added; default `true`. If not: in whatever order, each of them. */
  readonly ordersItems?: boolean | undefined;
  /** `length` is right the moment that an answer is there; default `true`. If not: when the engine has come to rest. */
  readonly countsAtOnce?: boolean | undefined;
  /** `length` counts an item that was added again while it is in work, as a `PriorityQueue` does; default `false`. */
  readonly countsItemsInWork?: boolean | undefined;
  /**
   * Additions of an item that has not been handed out are one piece of work, and so are those while it is in work; default `true`.
   * If not: at least one piece of work after the last addition, and at most one for each.
   */
  readonly collapsesAdditions?: boolean | undefined;
  /** There is `addAfter`, and `add` knows `afterMs`; default `true`. If not: delays are not tested. */
  readonly delays?: boolean | undefined;
  /** An item that is delayed twice comes once, at the earlier time; default `true`. If not: at the earlier time, and perhaps at the later one too. */
  readonly mergesDelays?: boolean | undefined;
  /** There are `addRateLimited`, `forget` and `numRequeues`, and `add` knows `rateLimited`; default `true`. If not: retries are not tested. */
  readonly retries?: boolean | undefined;
  /** Items of higher priority go first, and `get` tells the priority; default `false`. If not: a priority changes nothing. */
  readonly priorities?: boolean | undefined;
  /** After shutdown the handle still hands out what is queued; default `true`. If not: every `get` is told of the shutdown at once. */
  readonly handsOutAfterShutdown?: boolean | undefined;
  /**
   * What a handle has not handed out at its shutdown comes at another handle, what waits for its time included; default `false`. If not: what
   * waits for its time is dropped. Needs {@link QueueContractOptions.openAnother | openAnother}.
   */
  readonly keepsAfterShutdown?: boolean | undefined;
  /** The empty string is an item like any other; default `true`. If not: it is refused, by an error. */
  readonly takesEmptyItem?: boolean | undefined;
}

/** The same, with every default filled in. */
export type AllAbilities = { readonly [Name in keyof Abilities]-?: boolean };

const defaults: AllAbilities = {
  ordersItems: true,
  countsAtOnce: true,
  countsItemsInWork: false,
  collapsesAdditions: true,
  delays: true,
  mergesDelays: true,
  retries: true,
  priorities: false,
  handsOutAfterShutdown: true,
  keepsAfterShutdown: false,
  takesEmptyItem: true,
};

/** Fills in the defaults, and refuses what is no ability. */
export function allAbilities(given: Abilities): AllAbilities {
  const all: Record<string, boolean> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(defaults, name))
      throw new TypeError(`Cannot test the ability "${name}": there is none of this name`);
    if (typeof value !== 'boolean')
      throw new TypeError(
        `Cannot use a value of type ${typeof value} as ability "${name}": it must be true or false`,
      );
    all[name] = value;
  }
  // Every name of the defaults is there, and the loop added no other.
  return all as AllAbilities;
}
