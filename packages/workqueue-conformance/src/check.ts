import type { FakeTime, QueueContractOptions, RealTime, TestedQueue } from './options.ts';

const what = 'Cannot test a queue';

/** Refuses options that would fail later, and less clearly. */
export function checkOptions<Q extends TestedQueue>(options: QueueContractOptions<Q>): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${what}: the options must be an object`);
  for (const name of ['describe', 'test', 'open'] as const) checkFunction(name, options[name]);
  for (const name of ['openAnother', 'close'] as const)
    if (options[name] !== undefined) checkFunction(name, options[name]);
  checkTime(options.time);
  for (const name of ['delayMs', 'retryDelayMs'] as const) checkMs(name, options[name]);
  const { seed } = options;
  if (seed !== undefined && !Number.isSafeInteger(seed))
    throw new RangeError(`${what} with the seed ${String(seed)}: it must be a whole number`);
  if (options.abilities?.keepsAfterShutdown && !options.openAnother)
    throw new TypeError(`${what} that keepsAfterShutdown without openAnother: who would see it?`);
}

/** Whether the suite moves the time itself. */
export function isFake(time: FakeTime | RealTime): time is FakeTime {
  return 'advance' in time;
}

function checkTime(time: FakeTime | RealTime): void {
  if (typeof time !== 'object' || time === null)
    throw new TypeError(`${what} without time: give { advance } or { slackMs }`);
  if (isFake(time)) return checkFunction('advance', time.advance);
  if (time.slackMs === undefined)
    throw new TypeError(`${what} without time: give { advance } or { slackMs }`);
  for (const name of ['slackMs', 'settleMs', 'limitMs'] as const) checkMs(name, time[name]);
}

function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function')
    throw new TypeError(
      `${what}: ${name} must be a function and is a value of type ${typeof value}`,
    );
}

function checkMs(name: string, value: number | undefined): void {
  if (value === undefined) return;
  if (typeof value !== 'number')
    throw new TypeError(`${what}: ${name} must be a number and is a value of type ${typeof value}`);
  if (!(value > 0 && value < Infinity))
    throw new RangeError(
      `${what} with ${value} as ${name}: it must be a finite number of milliseconds above zero`,
    );
}
