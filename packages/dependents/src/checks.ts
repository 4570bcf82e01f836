import { inspect } from 'node:util';

/** How a value reads in an error. */
export function shown(value: unknown): string {
  return typeof value === 'function' ? 'a function' : inspect(value, { depth: 0 });
}

/** @throws TypeError unless the value is an object with members */
export function checkOptions(action: string, options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${action}: options must be an object, and they are ${shown(options)}`);
}

/** @throws TypeError unless the value is a signal, or left out */
export function checkSignal(action: string, signal: unknown): void {
  if (signal === undefined) return;
  const fits =
    typeof signal === 'object' &&
    signal !== null &&
    'addEventListener' in signal &&
    typeof signal.addEventListener === 'function';
  if (!fits)
    throw new TypeError(`${action}: signal must be an AbortSignal, and it is ${shown(signal)}`);
}
