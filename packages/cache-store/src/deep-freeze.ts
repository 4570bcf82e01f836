import { lazyPartsOf, presentValues } from './lazy-parts.ts';

/**
 * Objects that were handed to {@link deepFreeze}, which need not be walked again. Only these: a WeakSet of all their
 * parts costs more than the freezing, and stops the event loop each time it grows.
 */
const done = new WeakSet<object>();

/**
 * Freezes an object and everything it reaches through own enumerable properties, in place, and returns it.
 *
 * Typed arrays cannot be frozen and are left as they are. Getters are read, but for
 * those of an object that decodes its members when they are read: what it decodes later is frozen then. Cycles are fine. An object that was handed in
 * here before costs one lookup.
 */
export function deepFreeze<T>(value: T): T {
  if (!isFreezable(value) || done.has(value)) return value;
  done.add(value);
  /** Parts that were frozen when they were met: by somebody else, and perhaps not all the way down. */
  let walked: Set<object> | undefined;
  const pending: object[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (Object.isFrozen(next)) {
      if (walked?.has(next) || (next !== value && done.has(next))) continue;
      (walked ??= new Set()).add(next);
    } else {
      Object.freeze(next);
    }
    lazyPartsOf(next)?.freezeWith(deepFreeze);
    for (const child of presentValues(next)) if (isFreezable(child)) pending.push(child);
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

function isFreezable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}
