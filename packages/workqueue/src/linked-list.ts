/** What makes a thing fit into a {@link LinkedList}. The list alone writes these. */
export interface Link<N> {
  /** The one before it, written by the list. */
  previous: N | undefined;
  /** The one after it, written by the list. */
  next: N | undefined;
}

/** A first-in, first-out list from whose middle things can be removed, all in constant time and without allocating. */
export class LinkedList<N extends Link<N>> {
  #first: N | undefined;
  #last: N | undefined;
  #length = 0;

  /** The one that has been in the list the longest. */
  get first(): N | undefined {
    return this.#first;
  }

  /** How many are in the list. */
  get length(): number {
    return this.#length;
  }

  /** Adds one that is in no list at the end. */
  append(node: N): void {
    node.previous = this.#last;
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#length += 1;
  }

  /** Removes one that is in this list. */
  remove(node: N): void {
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
    node.previous = undefined;
    node.next = undefined;
    this.#length -= 1;
  }

  /** From the first to the last. */
  *[Symbol.iterator](): Generator<N, void, undefined> {
    for (let node = this.#first; node !== undefined; node = node.next) yield node;
  }
}
