import { inspect } from 'node:util';

/** How a value reads in an error. */
export function shown(value: unknown): string {
  return typeof value === 'function' ? 'a function' : inspect(value, { depth: 0 });
}

/** @throws TypeError unless the value is an object */
export function checkOptions(action: string, options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${action}: options must be an object, and they are ${shown(options)}`);
}

/** @throws TypeError or RangeError naming the option */
export function checkMilliseconds(name: string, value: number): number {
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${shown(value)} as ${name}: it is not a number`);
  if (!Number.isFinite(value) || value < 0)
    throw new RangeError(`Cannot use ${value} as ${name}: it must be zero or more, and finite`);
  return value;
}

/** @throws TypeError or RangeError naming the option */
export function checkCount(name: string, value: number): number {
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${shown(value)} as ${name}: it is not a number`);
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`Cannot use ${value} as ${name}: it must be a whole number above zero`);
  return value;
}

/** Refuses options that are there and cannot be called. @throws TypeError */
export function checkFunctions(options: object, names: readonly string[]): void {
  for (const name of names) checkOption(options, name, 'function', 'give a function');
}

/** Refuses options that are there and neither true nor false. @throws TypeError */
export function checkFlags(options: object, names: readonly string[]): void {
  for (const name of names) checkOption(options, name, 'boolean', 'give true or false');
}

/** Refuses options that are there and no text. @throws TypeError */
export function checkTexts(options: object, names: readonly string[]): void {
  for (const name of names) checkOption(options, name, 'string', 'give text');
}

/** Refuses options that are there and have no members. @throws TypeError */
export function checkObjects(options: object, names: readonly string[]): void {
  for (const name of names) {
    if (Reflect.get(options, name) === null)
      throw new TypeError(`Cannot use null as ${name}: give an object`);
    checkOption(options, name, 'object', 'give an object');
  }
}

function checkOption(options: object, name: string, type: string, advice: string): void {
  const value: unknown = Reflect.get(options, name);
  if (value !== undefined && typeof value !== type)
    throw new TypeError(`Cannot use a value of type ${typeof value} as ${name}: ${advice}`);
}

/** @throws TypeError when it lacks one of the methods */
export function checkMethods(what: string, value: unknown, methods: readonly string[]): void {
  for (const method of methods)
    if (
      typeof value !== 'object' ||
      value === null ||
      typeof Reflect.get(value, method) !== 'function'
    )
      throw new TypeError(`Cannot use this ${what}: it has no method ${method}`);
}

/** @throws TypeError when it is there and tells no time */
export function checkClock(clock: unknown): void {
  if (clock !== undefined) checkMethods('clock', clock, ['now', 'setTimeout']);
}

/**
 * Refuses what is no signal, before anything is started.
 *
 * @param action - what cannot be done without it, such as `Cannot run informer "pods"`
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
      `${action}: there must be a signal, such as new AbortController().signal, and it is ${shown(signal)}`,
    );
}

/** Refuses what cannot say how long to wait. @throws TypeError */
export function checkWait(action: string, options: { readonly signal?: unknown }): void {
  checkOptions(action, options);
  if (options.signal !== undefined) checkSignal(action, options.signal);
}
