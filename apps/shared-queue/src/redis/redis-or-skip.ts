import type { SkippableContext } from '@kubeloop/control-plane';

import { firstExecutable, pathFolders } from '../broker/first-executable.ts';
import { skipOrFail } from '../testing/skip-or-fail.ts';
import { RedisServer, type RedisServerOptions } from './server.ts';

const advice =
  'Redis is not installed: `apt-get install -y redis-server` brings it on Debian and Ubuntu, `brew install redis` on macOS';

/**
 * Starts a server for one test or more; the caller disposes of it. Where neither Redis nor Valkey is installed, the test is skipped, or
 * fails where `KUBELOOP_REQUIRE_BROKER` is 1.
 */
export async function redisOrSkip(
  context: SkippableContext,
  options: Omit<RedisServerOptions, 'path'> = {},
): Promise<RedisServer> {
  const path = (await findRedis()) ?? skipOrFail(context, advice);
  return RedisServer.start({ ...options, path });
}

/** Path of `redis-server`, else of `valkey-server`, along `PATH`. */
export async function findRedis(): Promise<string | undefined> {
  const folders = pathFolders();
  return (
    (await firstExecutable('redis-server', folders)) ?? firstExecutable('valkey-server', folders)
  );
}
