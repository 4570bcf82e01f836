import { LinkedList, type Link } from './linked-list.ts';

/** What a level holds. */
export interface Levelled<N> extends Link<N> {
  /** The level it is in. Not changed while it is in one. */
  priority: number;
  /** Since when it is in its level. */
  sinceMs: number;
}

interface Level<N extends Levelled<N>> {
  readonly priority: number;
  readonly list: LinkedList<N>;
}

/** Levels that are empty are kept up to this number, since they are likely to be used again. */
const keptLevels = 16;

/** First in, first out within a priority; higher priorities first. */
export class PriorityLevels<N extends Levelled<N>> {
  /** From the highest priority to the lowest. */
  readonly #levels: Level<N>[] = [];
  #length = 0;

  /** How many are in all levels together. */
  get length(): number {
    return this.#length;
  }

  /** The priorities that have something in them and how much, highest first. */
  get lengths(): { readonly priority: number; readonly length: number }[] {
    return this.#levels
      .filter(({ list }) => list.length > 0)
      .map(({ priority, list }) => ({ priority, length: list.length }));
  }

  /** Adds one that is in no level at the end of the level of its priority. */
  append(node: N): void {
    this.#levelOf(node.priority).list.append(node);
    this.#length += 1;
  }

  /** Removes one that is in a level. */
  remove(node: N): void {
    const index = this.#indexOf(node.priority);
    const list = this.#levels[index]?.list;
    list?.remove(node);
    this.#length -= 1;
    if (list?.length === 0 && this.#levels.length > keptLevels) this.#levels.splice(index, 1);
  }

  /** The first one, in the order of levels and then of time, that is free. */
  first(isFree: (node: N) => boolean): N | undefined {
    for (const { list } of this.#levels) {
      const node = firstFree(list, isFree);
      if (node) return node;
    }
    return undefined;
  }

  /** The free one that has been in its level for the longest time. */
  oldest(isFree: (node: N) => boolean): N | undefined {
    let oldest: N | undefined;
    for (const { list } of this.#levels) {
      const node = firstFree(list, isFree);
      if (node && (oldest === undefined || node.sinceMs < oldest.sinceMs)) oldest = node;
    }
    return oldest;
  }

  /** From the highest level to the lowest, each from the first to the last. */
  *[Symbol.iterator](): Generator<N, void, undefined> {
    for (const { list } of this.#levels) yield* list;
  }

  #levelOf(priority: number): Level<N> {
    const index = this.#indexOf(priority);
    const level = this.#levels[index];
    if (level?.priority === priority) return level;
    const created = { priority, list: new LinkedList<N>() };
    this.#levels.splice(index, 0, created);
    return created;
  }

  /** Where the level of `priority` is, or would be. */
  #indexOf(priority: number): number {
    let low = 0;
    let high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#levels[middle]?.priority ?? -Infinity) > priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Those that are not free are as many as workers at most, so this is a short walk. */
function firstFree<N extends Levelled<N>>(
  list: LinkedList<N>,
  isFree: (node: N) => boolean,
): N | undefined {
  let node = list.first;
  while (node !== undefined && !isFree(node)) node = node.next;
  return node;
}
