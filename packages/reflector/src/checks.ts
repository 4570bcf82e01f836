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

/** Refuses what cannot do what it is there for. @throws TypeError */
export function checkMethods(option: string, value: unknown, methods: readonly string[]): void {
  for (const method of methods)
    if (
      typeof value !== 'object' ||
      value === null ||
      typeof Reflect.get(value, method) !== 'function'
    )
      throw new TypeError(`Cannot use this ${option}: it has no method ${method}`);
}

/** Refuses options that are there and cannot be called. @throws TypeError */
export function checkFunctions(options: object, names: readonly string[]): void {
  for (const name of names) checkOption(options, name, 'function', 'a function');
}

/** Refuses options that are there and neither true nor false. @throws TypeError */
export function checkFlags(options: object, names: readonly string[]): void {
  for (const name of names) checkOption(options, name, 'boolean', 'true or false');
}

/** Refuses options that are there and no text. @throws TypeError */
export function checkTexts(options: object, names: readonly string[]): void {
  for (const name of names) checkOption(options, name, 'string', 'text');
}

function checkOption(options: object, name: string, type: string, words: string): void {
  const value: unknown = Reflect.get(options, name);
  if (value !== undefined && typeof value !== type)
    throw new TypeError(`Cannot use ${shown(value)} as ${name}: pass ${words}`);
}

/** Refuses what is no duration. @throws TypeError or RangeError */
export function duration(option: string, valueMs: number): number {
  if (typeof valueMs !== 'number') {
    throw new TypeError(`Cannot use ${shown(valueMs)} as ${option}: pass a number`);
  }
  if (!Number.isFinite(valueMs) || valueMs < 0) {
    throw new RangeError(`Cannot use ${valueMs} as ${option}: pass zero or more milliseconds`);
  }
  return valueMs;
}

/** Refuses what is no clock, if it is there. @throws TypeError */
export function checkClock(clock: unknown): void {
  if (clock !== undefined) checkMethods('clock', clock, ['now', 'setTimeout']);
}
