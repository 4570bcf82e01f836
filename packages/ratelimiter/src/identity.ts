/** Names the key by which an item is known. Two items with the same key are the same item. */
export type KeyOf<T> = (item: T) => string;

/** What an item is known by inside a queue or limiter: itself for a primitive, else its key. */
export type Identity = unknown;

/**
 * Makes the function that tells whether two items are the same one.
 *
 * Without `keyOf`, strings, numbers and other primitives stand for themselves, and an object is
 * refused, because two equal JavaScript objects are not the same item. With `keyOf`, every item is
 * known by its key.
 *
 * @throws TypeError when `keyOf` is given and is no function
 * @throws TypeError from the returned function: for an object when there is no `keyOf`, and when `keyOf` returns no string
 */
export function identityOf<T>(keyOf?: KeyOf<T>): (item: T) => Identity {
  if (keyOf === undefined) return primitiveIdentity;
  if (typeof keyOf !== 'function')
    throw new TypeError(
      `Cannot use a value of type ${typeof keyOf} as keyOf: it must be a function`,
    );
  return (item) => checkKey(keyOf(item));
}

function primitiveIdentity(item: unknown): Identity {
  if ((typeof item === 'object' && item !== null) || typeof item === 'function')
    throw new TypeError(
      'Cannot tell one object item from another: items are identified by key, so use strings or give the option keyOf',
    );
  return item;
}

function checkKey(key: unknown): string {
  if (typeof key !== 'string')
    throw new TypeError(
      `Cannot identify an item: keyOf returned ${describe(key)} instead of a string`,
    );
  return key;
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
