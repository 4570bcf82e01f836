/** Refuses a delay that is not a finite number; one below zero is fine and means at once. Returns the value. */
export function checkDelay(name: string, value: number): number {
  checkNumber(name, value);
  if (!Number.isFinite(value))
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be a finite number of milliseconds`,
    );
  return value;
}

/** Refuses what is not a finite number of milliseconds, `least` or more. Returns the value. */
export function checkDuration(name: string, value: number, least: number = 0): number {
  checkNumber(name, value);
  if (!(value >= least && value < Infinity))
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be a finite number of milliseconds, ${least} or more`,
    );
  return value;
}

/** Refuses what is not a whole number of at least `least`. Returns the value. */
export function checkCount(name: string, value: number, least: number): number {
  checkNumber(name, value);
  if (!(Number.isSafeInteger(value) && value >= least))
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be a whole number, ${least} or more`,
    );
  return value;
}

/** Refuses a priority that is not a whole number. Returns the value. */
export function checkPriority(value: number): number {
  checkNumber('priority', value);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`Cannot use ${value} as priority: it must be a whole number`);
  return value;
}

function checkNumber(name: string, value: unknown): void {
  if (typeof value !== 'number')
    throw new TypeError(
      `Cannot use a value of type ${typeof value} as ${name}: it must be a number`,
    );
}
