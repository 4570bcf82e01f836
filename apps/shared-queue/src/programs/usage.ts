import { monotonicMs } from '../rig/monotonic.ts';
import type { Usage } from './worker-config.ts';

/** What this process takes of the machine. */
export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return {
    rssBytes: process.memoryUsage.rss(),
    cpuMs: (user + system) / 1000,
    atMs: monotonicMs(),
  };
}
