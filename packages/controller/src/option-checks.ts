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
 * Refuses what cannot be called.
 *
 * @throws TypeError unless the value is a function
 */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function')
    throw new TypeError(`Cannot use ${String(value)} as ${name}: it must be a function`);
}
