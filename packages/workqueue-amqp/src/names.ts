const layoutVersion = 'v1';
const fitting = /^[A-Za-z0-9._-]{1,100}$/u;

/** What the parts of a shared queue are called at the broker. */
export interface Names {
  /** A queue that is always empty; that it exists tells the number of partitions. */
  readonly layout: string;
  /** Where keys are published. */
  readonly work: string;
  /** Where processes announce themselves. */
  readonly members: string;
  /** Where given up messages end, exchange and queue. */
  readonly park: string;
  /** The queue of a partition. */
  partition(index: number): string;
  /** A level of the delay ladder, exchange and queue. */
  delay(levelMs: number): string;
}

/**
 * The names of a shared queue. They carry the number of partitions: no process can put a key into a partition of a queue that is
 * cut differently.
 *
 * @throws TypeError when the name is no string; RangeError when it does not fit
 */
export function namesOf(name: string, partitions: number): Names {
  if (typeof name !== 'string')
    throw new TypeError(`Cannot use a value of type ${typeof name} as name: it must be a string`);
  if (!fitting.test(name))
    throw new RangeError(
      `Cannot use ${JSON.stringify(name)} as name: it must be 1 to 100 letters, digits, ".", "_" and "-"`,
    );
  const family = `wq.${name}.${layoutVersion}`;
  const work = `${family}.n${partitions}`;
  return {
    layout: `${family}.layout`,
    work,
    members: `${work}.members`,
    park: `${work}.park`,
    partition: (index) => `${work}.p${index}`,
    delay: (levelMs) => `${work}.delay.${levelMs}`,
  };
}

/** The routing key of a partition, which survives every level of the delay ladder. */
export function routingKeyOf(partition: number): string {
  return `p${partition}`;
}
