import { inspect } from 'node:util';

/**
 * Refuses what is no duration.
 *
 * @throws RangeError unless the value is a finite number of milliseconds from 0 up
 */
export function checkDuration(name: string, value: number): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new RangeError(
      `Cannot use ${String(value)} as ${name}: it must be a finite number of milliseconds from 0 up`,
    );
}

/**
 * Refuses what is no count.
 *
 * @throws RangeError unless the value is a whole number from 1 up
 */
export function checkPositiveInteger(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(
      `Cannot use ${String(value)} as ${name}: it must be a whole number from 1 up`,
    );
}

/**
 * Refuses what is neither true nor false.
 *
 * @throws TypeError
 */
export function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean')
    throw new TypeError(`Cannot use ${describeValue(value)} as ${name}: it must be true or false`);
}

/**
 * Refuses what cannot be called.
 *
 * @throws TypeError unless the value is a function
 */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function')
    throw new TypeError(`Cannot use ${describeValue(value)} as ${name}: it must be a function`);
}

/**
 * Refuses to work without options.
 *
 * @param action - what cannot be done without them, such as `Cannot make an interval source`
 * @throws TypeError unless the value is an object
 */
export function checkGiven(action: string, options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${action}: there must be options, and they are ${describeValue(options)}`);
}

/**
 * Refuses what lacks a method.
 *
 * @throws TypeError unless the value is an object whose members of these names are functions
 */
export function checkMethods(what: string, value: unknown, names: readonly string[]): void {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`Cannot use ${describeValue(value)} as ${what}: it must be an object`);
  for (const name of names)
    if (typeof Reflect.get(value, name) !== 'function')
      throw new TypeError(`Cannot use ${what}: it has no method ${name}`);
}

/**
 * Refuses what is no signal, before anything is started.
 *
 * @param action - what cannot be done without it, such as `Cannot run the manager`
 * @throws TypeError
 */
export function checkSignal(action: string, signal: unknown): asserts signal is AbortSignal {
  const fits =
    typeof signal === 'object' &&
    signal !== null &&
    'addEventListener' in signal &&
    typeof signal.addEventListener === 'function';
  if (!fits)
    throw new TypeError(
      `${action}: there must be a signal, such as new AbortController().signal, and it is ${describeValue(signal)}`,
    );
}

/** The message of an error, which may throw when it is read, or a value in few words. */
export function describeThrown(error: unknown): string {
  try {
    const shown: unknown = error instanceof Error ? error.message : error;
    return describeValue(shown);
  } catch {
    return 'what was thrown cannot be shown';
  }
}

/** A value in few words: text as it is, functions and objects by what they are. */
export function describeValue(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? inspect(value, { depth: 0 }) : String(value);
}
