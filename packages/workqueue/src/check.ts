import type { RateLimiter } from '@kubeloop/ratelimiter';
import type { DescribeOptions } from './contract.ts';
import type { QueueMetricsProvider } from './metrics.ts';
import type { Storage } from './storage.ts';

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

/** Refuses what is not a whole number from `least` to `most`. Returns the value. */
export function checkCount(
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

/** Refuses a limit of a description that is not a whole number. Returns the value, or the default of 100. */
export function checkLimit({ limit }: DescribeOptions): number {
  return checkCount('limit', limit ?? 100, 0);
}

/** Refuses a period of metrics that is not a number of milliseconds, 1 or more. Returns the value, or the default of 500: client-go's. */
export function checkMetricsPeriod(periodMs: number | undefined): number {
  return checkDuration('metricsPeriodMs', periodMs ?? 500, 1);
}

/** Refuses a priority that is not a whole number. Returns the value. */
export function checkPriority(value: number): number {
  checkNumber('priority', value);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`Cannot use ${value} as priority: it must be a whole number`);
  return value;
}

/** Refuses what cannot be called; `what` is the beginning of the sentence. */
export function checkFunction(what: string, value: unknown): void {
  if (typeof value !== 'function')
    throw new TypeError(`${what} must be a function and is a value of type ${typeof value}`);
}

/** Refuses what is given as a signal and is none; `what` is the beginning of the sentence. */
export function checkSignal(what: string, signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw new TypeError(
      `${what} must be an AbortSignal, such as new AbortController().signal, and is a value of type ${typeof signal}`,
    );
}

/** Refuses a rate limiter that lacks a method. Returns the value. */
export function checkRateLimiter<R extends RateLimiter<never>>(limiter: R): R {
  checkMethods('this rateLimiter: it has', limiter, ['when', 'forget', 'numRequeues']);
  return limiter;
}

/** Refuses a storage that lacks a method. Returns the value. */
export function checkStorage<T>(storage: Storage<T>): Storage<T> {
  checkMethods('this storage: it has', storage, ['touch', 'push', 'pop']);
  return storage;
}

/** Refuses metrics that make no instruments. Returns the value. */
export function checkMetrics(metrics: QueueMetricsProvider): QueueMetricsProvider {
  checkMethods('these metrics: they have', metrics, ['queue']);
  return metrics;
}

function checkMethods<N extends string>(
  what: string,
  value: { readonly [Name in N]: unknown },
  names: readonly N[],
): void {
  for (const name of names)
    if (typeof value?.[name] !== 'function')
      throw new TypeError(`Cannot use ${what} no method ${name}`);
}

function checkNumber(name: string, value: unknown): void {
  if (typeof value !== 'number')
    throw new TypeError(
      `Cannot use a value of type ${typeof value} as ${name}: it must be a number`,
    );
}
