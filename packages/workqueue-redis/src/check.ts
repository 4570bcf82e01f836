/** Refuses what is not a finite number. Returns the value. */
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

/** Refuses what is not a whole number from `least` to `most`. Returns the value. */
export function checkWhole(
  name: string,
  value: number,
  least: number,
  most: number = Infinity,
): number {
  checkNumber(name, value);
  if (!(Number.isSafeInteger(value) && value >= least && value <= most))
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be a whole number, ${most === Infinity ? `${least} or more` : `${least} to ${most}`}`,
    );
  return value;
}

/** Refuses what cannot be a key: the bytes at the server must name it and no other. Returns the value. */
export function checkKey(value: string): string {
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use a value of type ${typeof value} as key: it must be a string`);
  if (!value.isWellFormed())
    throw new RangeError(
      `Cannot use ${JSON.stringify(value)} as key: it has half of a surrogate pair, which UTF-8 cannot carry`,
    );
  return value;
}

/** Refuses what is given and is no function. */
export function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw new TypeError(
      `Cannot use a value of type ${typeof value} as ${name}: it must be a function`,
    );
}

/** Refuses what is given as a signal and is none. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw new TypeError(
      `Cannot use a value of type ${typeof signal} as signal: it must be an AbortSignal, such as new AbortController().signal`,
    );
}

function checkNumber(name: string, value: unknown): void {
  if (typeof value !== 'number')
    throw new TypeError(
      `Cannot use a value of type ${typeof value} as ${name}: it must be a number`,
    );
}
