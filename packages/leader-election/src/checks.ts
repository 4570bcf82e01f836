import { inspect } from 'node:util';

/**
 * Refuses what are no options.
 *
 * @throws TypeError unless the value is an object
 */
export function checkOptions(action: string, options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(
      `${action}: options must be an object, and they are ${describeValue(options)}`,
    );
}

/**
 * Refuses what is neither true nor false.
 *
 * @throws TypeError
 */
export function checkFlag(name: string, value: unknown): void {
  if (typeof value !== 'boolean')
    throw new TypeError(`Cannot use ${describeValue(value)} as ${name}: it must be true or false`);
}

/**
 * Refuses what is no set of labels.
 *
 * @throws TypeError unless the value is an object whose members are texts
 */
export function checkLabels(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`Cannot use ${describeValue(value)} as ${name}: it must be an object`);
  for (const [label, text] of Object.entries(value))
    if (typeof text !== 'string')
      throw new TypeError(
        `Cannot use ${describeValue(text)} as label "${label}": it must be a text`,
      );
}

/**
 * Refuses what is no name.
 *
 * @throws TypeError unless the value is a text that is not empty
 */
export function checkName(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '')
    throw new TypeError(
      `Cannot use ${describeValue(value)} as ${name}: it must be a text that is not empty`,
    );
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
 * Refuses what is no duration.
 *
 * @throws TypeError unless the value is a number
 * @throws RangeError unless it is finite and from 0 up
 */
export function checkDuration(name: string, value: unknown): void {
  const rule = `Cannot use ${describeValue(value)} as ${name}: it must be a finite number of milliseconds from 0 up`;
  if (typeof value !== 'number') throw new TypeError(rule);
  if (!Number.isFinite(value) || value < 0) throw new RangeError(rule);
}

/**
 * Refuses what is no signal.
 *
 * @throws TypeError
 */
export function checkSignal(action: string, signal: unknown): void {
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

function describeValue(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  return inspect(value, { depth: 0 });
}
