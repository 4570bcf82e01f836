import { ApiServer } from '@kubeloop/apiserver';
import type { Wire } from '@kubeloop/client';
import { configMaps, KubeClient } from '@kubeloop/client';
import type { ManagerOptions } from '@kubeloop/controller';
import { Manager, quietLogger } from '@kubeloop/controller';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { Dependents } from '../../src/dependents.ts';
import type { Surroundings } from './recorded-client.ts';
import { recordedClient } from './recorded-client.ts';
import type { WebApp } from './web-app.ts';
import { webApps } from './web-app.ts';

/** A manager that runs on an API server in this process, and dependents of web applications. */
export class Cluster implements AsyncDisposable {
  readonly server: ApiServer;
  /** A client whose calls are not noted: what other people do. */
  readonly client: KubeClient;
  readonly manager: Manager;
  readonly dependents: Dependents<WebApp>;
  /** What the manager's client was asked for, lists and watches left out. */
  readonly calls: string[] = [];
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  private constructor(
    server: ApiServer,
    options: Partial<ManagerOptions>,
    surroundings?: Surroundings,
  ) {
    this.server = server;
    this.client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const client = recordedClient(this.client, this.calls, surroundings);
    this.manager = new Manager({ client, logger: quietLogger, ...options });
    this.dependents = this.newDependents();
    this.#ended = this.manager.run({ signal: this.#stop.signal });
  }

  static async start(
    options: Partial<ManagerOptions> = {},
    surroundings?: Surroundings,
  ): Promise<Cluster> {
    const server = new ApiServer({ resources: [webApps] });
    await server.start();
    return new Cluster(server, options, surroundings);
  }

  /** As a process that has just been started. */
  newDependents(): Dependents<WebApp> {
    return new Dependents({ manager: this.manager, owner: webApps, fieldManager: 'webapp' });
  }

  /** The calls since the last time. */
  takeCalls(): string[] {
    return this.calls.splice(0);
  }

  async webApp(name: string, spec: WebApp['spec'] = {}): Promise<WebApp> {
    return this.client.resource(webApps).create({ metadata: { name, namespace: 'default' }, spec });
  }

  /** What there is of a ConfigMap. */
  async configMap(name: string): Promise<Wire<V1ConfigMap>> {
    return this.client.resource(configMaps).namespace('default').get(name);
  }

  async configMapNames(): Promise<readonly string[]> {
    const { items } = await this.client.resource(configMaps).namespace('default').list();
    return items.map(({ metadata }) => metadata?.name ?? '').toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    await this.client.close();
    await this.server.close();
  }
}

/** Waits until the cache of the manager shows what others have done to a ConfigMap. */
export async function seen(
  { manager }: Cluster,
  name: string,
  fits: (object: Wire<V1ConfigMap> | undefined) => boolean,
): Promise<void> {
  const informer = manager.informerFor(configMaps);
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    if (fits(informer.indexer.getByKey(`default/${name}`))) resolve();
  };
  const registration = informer.addEventHandler({ add: look, update: look, delete: look });
  look();
  await promise;
  await registration.remove();
}
