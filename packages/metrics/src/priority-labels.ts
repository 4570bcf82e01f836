/** How many priorities of one queue are told apart; controller-runtime's number. */
const maxPriorities = 25;
const exceeded = 'exceeded_cardinality_limit';

/**
 * The label of each priority of one queue. A queue with more than 25 of them has one label for all priorities that are
 * new then, so that the number of its series stays bounded.
 *
 * controller-runtime gives that label to the known priorities, too, from then on, and their series stay at what they
 * were: here each key leaves the series that it has entered, so that all depths stay exact.
 */
export class PriorityLabels {
  readonly #known = new Map<number, string>();

  /** The label of a priority; empty for queues that know none. */
  labelOf(priority: number | undefined): string {
    if (priority === undefined) return '';
    const known = this.#known.get(priority);
    if (known !== undefined) return known;
    if (this.#known.size >= maxPriorities) return exceeded;
    const label = String(priority);
    this.#known.set(priority, label);
    return label;
  }
}
