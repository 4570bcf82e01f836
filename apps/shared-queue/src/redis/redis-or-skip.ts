import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { RedisServer, type RedisServerOptions } from './server.ts';

/** The part of a vitest test context that is used. */
interface SkippableContext {
  /** Ends the test as skipped; `note` says why. */
  skip(note?: string): never;
}

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
  const path = await findRedis();
  if (path !== undefined) return RedisServer.start({ ...options, path });
  if (process.env['KUBELOOP_REQUIRE_BROKER'] === '1') throw new Error(advice);
  return context.skip(advice);
}

/** Path of `redis-server`, else of `valkey-server`, along `PATH`. */
export async function findRedis(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of ['redis-server', 'valkey-server'])
    for (const folder of folders) {
      const path = join(folder, name);
      const isThere = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) return path;
    }
  return undefined;
}
