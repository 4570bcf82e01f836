const layoutVersion = 'v1';
const fitting = /^[A-Za-z0-9._-]{1,100}$/u;

/** The parts of a shared queue at the server, in the order in which the scripts take them. */
const parts = ['pend', 'seq', 'proc', 'lease', 'dirty', 'delay', 'late', 'att', 'park', 'meta'];

/** What the parts of a shared queue are called at the server. */
export interface Names {
  /** All keys, in the order of the scripts. One hash slot: the name stands in braces. */
  readonly keys: readonly string[];
  /** Key of what is known of the queue as a whole, and the channel of wake-ups. */
  readonly meta: string;
}

/** @throws TypeError when the name is no string; RangeError when it does not fit */
export function namesOf(name: string): Names {
  if (typeof name !== 'string')
    throw new TypeError(`Cannot use a value of type ${typeof name} as name: it must be a string`);
  if (!fitting.test(name))
    throw new RangeError(
      `Cannot use ${JSON.stringify(name)} as name: it must be 1 to 100 letters, digits, ".", "_" and "-"`,
    );
  const family = `wq:{${name}}:${layoutVersion}:`;
  return { keys: parts.map((part) => `${family}${part}`), meta: `${family}meta` };
}
