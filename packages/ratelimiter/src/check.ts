/** Refuses what is not a finite number of milliseconds, zero or more. Returns the value. */
export function checkDuration(name: string, value: number): number {
  checkNumber(name, value);
  if (!(value >= 0 && value < Infinity))
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be a finite number of milliseconds, zero or more`,
    );
  return value;
}

/** Refuses what is not a whole number of at least `least`. Returns the value. */
export function checkCount(name: string, value: number, least: number = 0): number {
  checkNumber(name, value);
  if (!(Number.isSafeInteger(value) && value >= least))
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be a whole number, ${least} or more`,
    );
  return value;
}

/** Refuses what is not a finite number of at least `least`. Returns the value. */
export function checkFactor(name: string, value: number, least: number): number {
  checkNumber(name, value);
  if (!(value >= least && value < Infinity))
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be a finite number, ${least} or more`,
    );
  return value;
}

/** Refuses a rate that is not more than zero; `Infinity` is allowed and means no limit. Returns the value. */
export function checkRate(name: string, value: number): number {
  checkNumber(name, value);
  if (!(value > 0))
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be more than zero, or Infinity for no limit`,
    );
  return value;
}

/** Refuses `NaN` from a limiter. Returns the value. */
export function checkDelay(value: number): number {
  checkNumber('the delay of a rate limiter', value);
  if (Number.isNaN(value))
    throw new RangeError(
      'Cannot use NaN as the delay of a rate limiter: when() must return milliseconds',
    );
  return value;
}

function checkNumber(name: string, value: unknown): void {
  if (typeof value !== 'number')
    throw new TypeError(
      `Cannot use a value of type ${typeof value} as ${name}: it must be a number`,
    );
}
