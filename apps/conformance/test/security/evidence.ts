import { inspect } from 'node:util';
import type { KubeClient } from '@kubeloop/client';
import { configMaps } from '@kubeloop/client';
import { consoleLogger, Manager, type LogConsole } from '@kubeloop/controller';
import { SharedInformerFactory } from '@kubeloop/informer';
import { LeaderElector, LeaseLock } from '@kubeloop/leader-election';

/** Everything that somebody could write to a log: as text, with all that hangs on it. */
export class Evidence {
  readonly #texts: string[] = [];

  /** Keeps a value in every way in which values are printed. */
  add(value: unknown): void {
    this.#texts.push(
      inspect(value, { depth: Infinity, showHidden: true, maxStringLength: null }),
      String(value instanceof Error ? value.stack : value),
      json(value),
    );
    if (value instanceof Error && value.cause !== undefined) this.add(value.cause);
    if (value instanceof AggregateError) for (const each of value.errors) this.add(each);
  }

  /** How much there is. */
  get size(): number {
    return this.#texts.length;
  }

  /** Those of the secrets that occur, each with where. */
  found(secrets: readonly string[]): readonly string[] {
    return secrets.flatMap((secret) =>
      this.#texts
        .filter((text) => text.includes(secret))
        .map((text) => {
          const at = text.indexOf(secret);
          return `${secret} in …${text.slice(Math.max(0, at - 200), at + secret.length + 20)}…`;
        }),
    );
  }
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    return String(error);
  }
}

/** Uses a client in every way there is, and keeps what is thrown, logged, warned of and described. */
export async function useEverything(client: KubeClient, evidence: Evidence): Promise<void> {
  const onWarning = (warning: Error): void => evidence.add(warning);
  process.on('warning', onWarning);
  try {
    evidence.add(client);
    const resource = client.resource(configMaps).namespace('a');
    const calls = [
      () => client.request('/version'),
      () => resource.get('b'),
      () => resource.list(),
      () => resource.create({ metadata: { name: 'b' }, data: { key: 'value' } }),
      async () => {
        for await (const event of resource.watch()) evidence.add(event);
      },
    ];
    for (const call of calls) await call().catch((error: unknown) => evidence.add(error));
    await Promise.all([
      runInformer(client, evidence),
      runManager(client, evidence),
      runElector(client, evidence),
    ]);
  } finally {
    process.off('warning', onWarning);
    await client.close();
    evidence.add(client);
    await client.request('/version').catch((error: unknown) => evidence.add(error));
  }
}

async function runInformer(client: KubeClient, evidence: Evidence): Promise<void> {
  const failed = Promise.withResolvers<void>();
  const onError = (error: unknown, ...rest: unknown[]): void => {
    evidence.add(error);
    evidence.add(rest);
    failed.resolve();
  };
  const factory = new SharedInformerFactory(client, { onError });
  const informer = factory.informerFor(configMaps);
  factory.start();
  await factory.waitForCacheSync({ timeoutMs: 300 }).catch((error: unknown) => evidence.add(error));
  await Promise.race([failed.promise, new Promise((resolve) => setTimeout(resolve, 3000))]);
  evidence.add(informer.describe());
  await factory.shutdown();
  evidence.add(informer);
}

async function runManager(client: KubeClient, evidence: Evidence): Promise<void> {
  const write = (line: unknown): void => evidence.add(line);
  const target: LogConsole = { debug: write, info: write, warn: write, error: write };
  const logger = consoleLogger({ level: 'debug', console: target });
  const controllers = { skipNameValidation: true };
  const manager = new Manager({ client, logger, controllers, cacheSyncTimeoutMs: 500 });
  manager
    .controller('secrets')
    .for(configMaps)
    .reconcile(() => Promise.resolve());
  await manager
    .run({ signal: AbortSignal.timeout(1000) })
    .catch((error: unknown) => evidence.add(error));
  evidence.add(manager.describe());
  evidence.add(manager);
}

async function runElector(client: KubeClient, evidence: Evidence): Promise<void> {
  const lock = new LeaseLock({ client, namespace: 'a', name: 'leader', identity: 'me' });
  const stop = new AbortController();
  const elector = new LeaderElector({
    lock,
    leaseDurationMs: 2000,
    renewDeadlineMs: 1000,
    retryPeriodMs: 200,
    onStartedLeading: () => {},
    onStoppedLeading: () => {},
    onError: (error, action) => {
      evidence.add(error);
      evidence.add(action);
      stop.abort();
    },
  });
  const patience = setTimeout(() => stop.abort(), 1000);
  await elector.run({ signal: stop.signal }).catch((error: unknown) => evidence.add(error));
  clearTimeout(patience);
  evidence.add(lock.describe());
  evidence.add(elector);
}
