import { KubeClient, loadKubeConfig } from '@kubeloop/client';
import { consoleLogger, requestKey, type Reconciler } from '@kubeloop/controller';
import { LeadershipLostError } from '@kubeloop/leader-election';
import { parseArgs } from 'node:util';
import { Replica } from './replica.ts';

// One replica as a process of its own. What it does it writes to standard output, a line of JSON each; `at` is in nanoseconds of
// the monotonic clock, which all processes of a host share.

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    kubeconfig: text,
    namespace: text,
    identity: text,
    lease: text,
    renew: text,
    retry: text,
  },
});

/** The value of an option, which must be there. */
function option(name: keyof typeof values): string {
  const value = values[name];
  if (value === undefined) throw new TypeError(`Cannot start: --${name} is missing`);
  return value;
}

/** A time of the election; the defaults are those of the elector. */
function milliseconds(name: 'lease' | 'renew' | 'retry', byDefault: number): number {
  return Number(values[name] ?? byDefault);
}

function note(event: string, more: object = {}): void {
  // Pipes are written at once, so nothing is lost when the process is killed.
  process.stdout.write(`${JSON.stringify({ event, at: `${process.hrtime.bigint()}`, ...more })}\n`);
}

function noted(reconcile: Reconciler): Reconciler {
  return async (request, context) => {
    const run = { key: requestKey(request), id: context.reconcileID };
    note('begin', run);
    try {
      return await reconcile(request, context);
    } finally {
      note('end', run);
    }
  };
}

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const client = new KubeClient(await loadKubeConfig({ path: option('kubeconfig') }));
const replica = new Replica({
  client,
  namespace: option('namespace'),
  identity: option('identity'),
  times: {
    leaseDurationMs: milliseconds('lease', 15_000),
    renewDeadlineMs: milliseconds('renew', 10_000),
    retryPeriodMs: milliseconds('retry', 2_000),
  },
  // Standard output is for the journal.
  logger: consoleLogger({
    level: 'warn',
    console: { ...console, debug: console.error, info: console.error },
  }),
  around: noted,
});
const running = replica.run({ signal: stop.signal });
const readiness = setInterval(() => {
  if (!replica.isReady) return;
  clearInterval(readiness);
  note('ready');
}, 20);
try {
  await running;
  note('stopped');
} catch (error) {
  if (!LeadershipLostError.is(error)) throw error;
  note('lost', { reason: error.reason });
  process.exitCode = 1;
} finally {
  clearInterval(readiness);
  await client.close();
}
