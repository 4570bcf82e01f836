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

/** @throws TypeError unless the value is a function, or left out */
export function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw new TypeError(`Cannot use ${shown(value)} as ${name}: it must be a function`);
}

/** @throws TypeError unless the value is true or false, or left out */
export function checkFlag(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean')
    throw new TypeError(`Cannot use ${shown(value)} as ${name}: it must be true or false`);
}

/** @throws TypeError unless the value is text */
export function checkText(action: string, value: unknown): void {
  if (typeof value !== 'string')
    throw new TypeError(`${action} ${shown(value)}: it must be a text`);
}

/** @throws TypeError unless the value has these methods, or is left out */
export function checkMethods(name: string, value: unknown, methods: readonly string[]): void {
  if (value === undefined) return;
  for (const method of methods)
    if (
      typeof value !== 'object' ||
      value === null ||
      typeof Reflect.get(value, method) !== 'function'
    )
      throw new TypeError(`Cannot use ${shown(value)} as ${name}: it has no method ${method}`);
}

/** @throws TypeError unless the value can be looped over, and is no text */
export function checkList(list: unknown): void {
  if (typeof list !== 'object' || list === null || !(Symbol.iterator in list))
    throw new TypeError(
      `Cannot replace what a store holds by ${shown(list)}: give a list of objects`,
    );
}
