/** Objects known to be frozen all the way down, so that shared parts and cycles are walked once. */
const frozen = new WeakSet<object>();

/**
 * Freezes an object and everything it reaches through own enumerable properties, in place, and returns it.
 *
 * Typed arrays cannot be frozen and are left as they are. Getters are read. Cycles are fine. An object that was frozen
 * here before costs one lookup.
 */
export function deepFreeze<T>(value: T): T {
  if (isFreezable(value)) {
    const pending: object[] = [value];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      freezeOne(next, pending);
    }
  }
  return value;
}

/**
 * Whether cached objects are frozen where no option says so: only when the environment variable `NODE_ENV` is `test`
 * or `development`, since freezing takes time that production should not pay.
 */
export function freezesByDefault(): boolean {
  const environment = process.env['NODE_ENV'];
  return environment === 'test' || environment === 'development';
}

function freezeOne(value: object, pending: object[]): void {
  if (frozen.has(value)) {
    return;
  }
  frozen.add(value);
  Object.freeze(value);
  for (const child of Object.values(value)) {
    if (isFreezable(child)) {
      pending.push(child);
    }
  }
}

function isFreezable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}
