import { KubeClient } from '@kubeloop/client';
import { LeaderElector, LeadershipLostError, LeaseLock } from '@kubeloop/leader-election';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

// Our counterpart of go/cmd/elector: the same flags, the same lines on standard output.

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    server: text,
    namespace: text,
    name: text,
    identity: text,
    lease: text,
    renew: text,
    retry: text,
    every: text,
  },
});

/** The value of a flag, which must be there. */
function flag(name: keyof typeof values): string {
  const value = values[name];
  if (value === undefined) throw new Error(`Cannot start: --${name} is missing`);
  return value;
}

/** A duration as Go writes it, in milliseconds. */
function duration(name: keyof typeof values): number {
  return Number.parseInt(flag(name), 10);
}

function say(event: string, leader?: string): void {
  const line = { event, at: String(process.hrtime.bigint()), ...(leader && { leader }) };
  // Pipes are written at once.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const client = new KubeClient({
  server: flag('server'),
  token: process.env['ELECTOR_TOKEN'] ?? '',
  ca: process.env['ELECTOR_CA'] ?? '',
});
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

const worked = Promise.withResolvers<void>();
const elector: LeaderElector = new LeaderElector({
  lock: new LeaseLock({
    client,
    namespace: flag('namespace'),
    name: flag('name'),
    identity: flag('identity'),
  }),
  leaseDurationMs: duration('lease'),
  renewDeadlineMs: duration('renew'),
  retryPeriodMs: duration('retry'),
  releaseOnCancel: true,
  onStartedLeading: async (signal) => {
    say('started');
    while (!signal.aborted && elector.isLeader) {
      say('work');
      await sleep(duration('every'));
    }
    say('stopped');
    worked.resolve();
  },
  onStoppedLeading: () => {},
  onNewLeader: (leader) => say('leader', leader),
});

say('running');
try {
  await elector.run({ signal: stop.signal });
  say('ended');
} catch (error) {
  if (!LeadershipLostError.is(error)) throw error;
  // Its work has been told to end; that it has is said first, so that the last line is the reason.
  await worked.promise;
  say('lost');
  process.exitCode = 1;
}
await client.close();
