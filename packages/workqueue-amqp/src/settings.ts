import {
  checkCount,
  checkDuration,
  checkFunctionOption,
  checkTls,
} from '@kubeloop/workqueue/engine';
import { type Clock, systemClock } from '@kubeloop/ratelimiter';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { defaultDelayLevelsMs } from './ladder.ts';
import { type Names, namesOf } from './names.ts';
import type { AmqpQueueOptions } from './options.ts';

/** The options with every default filled in, and checked. */
export interface Settings {
  readonly name: string;
  readonly names: Names;
  readonly urls: readonly string[];
  readonly partitions: number;
  readonly heartbeatMs: number;
  readonly takeoverGraceMs: number;
  readonly window: number;
  readonly ackTimeoutMs: number;
  readonly delayLevelsMs: readonly number[];
  readonly maxRetries: number;
  readonly identity: string;
  /** How long what the broker has sent may take to arrive, in milliseconds; 0 in tests, where it takes no time. */
  readonly settleMs: number;
  /** How much the time of day may be behind, in milliseconds: it is in whole ones; 0 in tests, which move it. */
  readonly epochGrainMs: number;
  readonly clock: Clock;
  readonly random: () => number;
}

const defaultPartitions = 16;
const defaultHeartbeatMs = 10_000;
const defaultWindow = 60_000;
/** What RabbitMQ has as default since 3.8.17. */
const defaultAckTimeoutMs = 1_800_000;
const defaultSettleMs = 20;
/** Prefetch is a number of 16 bits. */
const mostWindow = 65_535;

/** @throws TypeError or RangeError that names the option */
export function settingsOf(options: AmqpQueueOptions): Settings {
  const partitions = checkCount('partitions', options.partitions ?? defaultPartitions, 1, 64);
  const heartbeatMs = checkDuration('heartbeatMs', options.heartbeatMs ?? defaultHeartbeatMs, 1000);
  if (heartbeatMs % 1000 !== 0 || heartbeatMs > 65_535_000)
    throw new RangeError(
      `Cannot use ${heartbeatMs} as heartbeatMs: it must be whole seconds, 65535 of them at most`,
    );
  checkFunctionOption('onError', options.onError);
  checkFunctionOption('random', options.random);
  return {
    name: options.name,
    names: namesOf(options.name, partitions),
    urls: urlsOf(options),
    partitions,
    heartbeatMs,
    takeoverGraceMs: checkDuration('takeoverGraceMs', options.takeoverGraceMs ?? 2 * heartbeatMs),
    window: checkCount('window', options.window ?? defaultWindow, 1, mostWindow),
    ackTimeoutMs: checkDuration('ackTimeoutMs', options.ackTimeoutMs ?? defaultAckTimeoutMs, 1000),
    delayLevelsMs: levelsOf(options.delayLevelsMs ?? defaultDelayLevelsMs),
    maxRetries:
      options.maxRetries === undefined ? Infinity : checkCount('maxRetries', options.maxRetries, 0),
    identity: identityOf(options.identity),
    settleMs: defaultSettleMs,
    epochGrainMs: 1,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function urlsOf({ urls: given, tls }: AmqpQueueOptions): readonly string[] {
  const urls = typeof given === 'string' ? [given] : given;
  if (!Array.isArray(urls) || urls.length === 0)
    throw new TypeError('Cannot use these urls: give one, or a list of one or more');
  for (const url of urls) {
    if (typeof url !== 'string' || !/^amqps?:\/\/[^/]/u.test(url) || !URL.canParse(url))
      throw new TypeError(
        'Cannot use this url: it must be a string such as "amqp://user:password@host:5672/vhost", or "amqps://" for TLS',
      );
  }
  checkTls(tls, urls, 'amqp');
  return urls;
}

function levelsOf(levels: readonly number[]): readonly number[] {
  if (!Array.isArray(levels) || levels.length === 0)
    throw new TypeError('Cannot use these delayLevelsMs: give a list of one or more');
  let before = 0;
  for (const level of levels) {
    checkCount('delayLevelsMs', level, 1, 2 ** 31 - 1);
    if (level <= before)
      throw new RangeError(
        `Cannot use ${levels.join(', ')} as delayLevelsMs: each must be longer than the one before`,
      );
    before = level;
  }
  return [...levels];
}

function identityOf(identity: string | undefined): string {
  if (identity === undefined) return `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  if (typeof identity !== 'string' || identity === '')
    throw new TypeError('Cannot use this identity: it must be a string that is not empty');
  return identity;
}
