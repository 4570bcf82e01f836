import { ApiServer } from '@kubeloop/apiserver';
import { configMaps, KubeClient, pods } from '@kubeloop/client';
import { Manager, TerminalError } from '@kubeloop/controller';
import { LeaderElector, LeaseLock } from '@kubeloop/leader-election';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { KubeloopMetrics, MetricsServer } from '../../src/index.ts';
import { tellSharedQueues } from './shared-queues.ts';

/** An operator to which everything happens that there are metrics for. */
export class BusyOperator implements AsyncDisposable {
  readonly #server: ApiServer;
  readonly #client: KubeClient;
  readonly #metrics: KubeloopMetrics;
  readonly #stop: AbortController;
  readonly #run: Promise<void>;
  /** Where its metrics are, as `host:port`. */
  readonly target: string;
  #round = 0;

  private constructor(options: {
    readonly server: ApiServer;
    readonly client: KubeClient;
    readonly metrics: KubeloopMetrics;
    readonly stop: AbortController;
    readonly run: Promise<void>;
    readonly target: string;
  }) {
    this.#server = options.server;
    this.#client = options.client;
    this.#metrics = options.metrics;
    this.#stop = options.stop;
    this.#run = options.run;
    this.target = options.target;
  }

  /** Starts an API server, and a manager that leads. */
  static async start(): Promise<BusyOperator> {
    const server = new ApiServer();
    await server.start();
    const metrics = new KubeloopMetrics();
    const client = new KubeClient({
      server: server.url,
      skipTLSVerify: true,
      qps: 1000,
      metrics: metrics.requests,
    });
    const manager = managerOf(client, metrics);
    const metricsServer = new MetricsServer({
      registry: metrics.registry,
      port: 0,
      host: '127.0.0.1',
    });
    manager.add(metricsServer);
    const stop = new AbortController();
    const run = manager.run({ signal: stop.signal });
    const { host, port } = await Promise.race([
      metricsServer.listening(),
      run.then(() => {
        throw new Error('The manager has ended');
      }),
    ]);
    await retryAnswer(metrics);
    return new BusyOperator({ server, client, metrics, stop, run, target: `${host}:${port}` });
  }

  /** Lets some of everything happen. */
  async work(): Promise<void> {
    this.#round += 1;
    tellSharedQueues(this.#metrics);
    const maps = this.#client.resource(configMaps).namespace('default');
    for (const name of ['again', 'once', 'bad', 'terminal', 'slow']) {
      const metadata = { name: `${name}-${this.#round}` };
      // In order, so that a round ends before the next one begins.
      // oxlint-disable-next-line no-await-in-loop
      await maps.create({ metadata, data: { round: String(this.#round) } });
    }
    // The changes that the watches have missed are gone as well, so that they list again.
    this.#server.endWatches();
    this.#server.compact();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#run;
    await this.#client.close();
    await this.#server.close();
  }
}

function managerOf(client: KubeClient, metrics: KubeloopMetrics): Manager {
  const lock = new LeaseLock({ client, namespace: 'default', name: 'busy', identity: 'a' });
  const { leaderElection } = metrics;
  const manager = new Manager({
    client,
    metrics,
    leaderElection: (onStartedLeading, { signal }) =>
      new LeaderElector({
        lock,
        onStartedLeading,
        name: 'busy',
        metrics: leaderElection,
        releaseOnCancel: true,
      }).run({ signal }),
  });
  const children = manager.consistentClient.resource(pods);
  manager
    .controller('busy')
    .for(configMaps)
    .owns(pods)
    .withOptions({ reconcileTimeoutMs: 100 })
    .reconcile(async ({ namespace, name }, { signal }) => {
      if (name.startsWith('bad')) throw new Error('as it is told');
      if (name.startsWith('terminal')) throw new TerminalError('as it is told');
      if (name.startsWith('slow')) await once(signal, 'abort');
      const spec = { containers: [{ name: 'main', image: 'none' }] };
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec };
      await children.apply(pod, { fieldManager: 'busy', force: true, signal });
      return name.startsWith('again') ? { requeueAfterMs: 1000 } : undefined;
    });
  const failing = (): void => {
    throw new Error('as it is told');
  };
  manager.informerFor(configMaps).addEventHandler({ add: failing }, { name: 'failing' });
  return manager;
}

/** A call that is tried again, which the API server in the process asks nobody for, to a server that has a name. */
async function retryAnswer(metrics: KubeloopMetrics): Promise<void> {
  let isFirst = true;
  const busy = createServer((_, response) => {
    response.writeHead(isFirst ? 429 : 200, { 'retry-after': '0' }).end();
    isFirst = false;
  });
  busy.listen(0, '127.0.0.1');
  await once(busy, 'listening');
  // A server that listens on a port has an address.
  const { port } = busy.address() as AddressInfo;
  const client = new KubeClient({
    server: `http://localhost:${port}`,
    skipTLSVerify: true,
    metrics: metrics.requests,
  });
  await client.request('/version');
  await client.close();
  busy.close();
  await once(busy, 'close');
}
