import {
  checkCount,
  checkDuration,
  checkFunctionOption,
  checkTls,
} from '@kubeloop/workqueue/engine';
import { type Clock, systemClock } from '@kubeloop/ratelimiter';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Names, namesOf } from './names.ts';
import type { RedisQueueOptions } from './options.ts';

/** The options with every default filled in, and checked. */
export interface Settings {
  readonly name: string;
  readonly names: Names;
  readonly url: string;
  readonly leaseMs: number;
  readonly maxRetries: number;
  readonly identity: string;
  /** How often those who wait look for work although nobody told them that there is any, in milliseconds. */
  readonly pollMs: number;
  /** How long an answer of the server may take before the connection counts as dead, in milliseconds. */
  readonly answerMs: number;
  readonly clock: Clock;
  readonly random: () => number;
}

const defaultLeaseMs = 30_000;
const longestPollMs = 5000;
const leastAnswerMs = 500;

/** @throws TypeError or RangeError that names the option */
export function settingsOf(options: RedisQueueOptions): Settings {
  const leaseMs = checkDuration('leaseMs', options.leaseMs ?? defaultLeaseMs, 100);
  checkFunctionOption('onError', options.onError);
  checkFunctionOption('random', options.random);
  return {
    name: options.name,
    names: namesOf(options.name),
    url: urlOf(options),
    leaseMs,
    maxRetries:
      options.maxRetries === undefined ? Infinity : checkCount('maxRetries', options.maxRetries, 0),
    identity: identityOf(options.identity),
    pollMs: Math.min(longestPollMs, leaseMs / 3),
    answerMs: Math.max(leastAnswerMs, leaseMs / 3),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function urlOf({ url, tls }: RedisQueueOptions): string {
  if (typeof url !== 'string' || !/^rediss?:\/\//u.test(url) || !URL.canParse(url))
    throw new TypeError(
      'Cannot use this url: it must be a string such as "redis://user:password@host:6379/0", or "rediss://" for TLS',
    );
  checkTls(tls, [url], 'redis');
  return url;
}

function identityOf(identity: string | undefined): string {
  if (identity === undefined) return `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  if (typeof identity !== 'string' || !/^\S+$/u.test(identity))
    throw new TypeError(
      'Cannot use this identity: it must be a string that is not empty, without white space',
    );
  return identity;
}
