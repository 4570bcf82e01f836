import { ApiServer } from '@kubeloop/apiserver';
import { KubeClient } from '@kubeloop/client';
import type { ManagerOptions } from '../../src/manager-options.ts';
import { Manager } from '../../src/manager.ts';
import type { RecordingLogger } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';
import { webApps } from './web-app.ts';

/** A manager in a cluster, and how to stop it. */
export interface RunningManager {
  readonly manager: Manager;
  readonly log: RecordingLogger;
  readonly stop: (() => Promise<void>) & {
    /** Settles when the manager has ended, asked to or not. */
    readonly ended: Promise<void>;
  };
}

/** An API server in this process, and a client of it. */
export class Cluster implements AsyncDisposable {
  readonly server: ApiServer;
  readonly client: KubeClient;
  readonly #others: KubeClient[] = [];

  private constructor(server: ApiServer, client: KubeClient) {
    this.server = server;
    this.client = client;
  }

  static async start(
    options: ConstructorParameters<typeof ApiServer>[0] = { resources: [webApps] },
  ): Promise<Cluster> {
    const server = new ApiServer(options);
    await server.start();
    return new Cluster(server, new KubeClient({ server: server.url, skipTLSVerify: true }));
  }

  /** A client of the user who has this token. */
  as(token: string): KubeClient {
    const client = new KubeClient({ server: this.server.url, token, skipTLSVerify: true });
    this.#others.push(client);
    return client;
  }

  /** Makes a manager, lets `build` add its controllers, and runs it. */
  run(build: (manager: Manager) => void, options: Partial<ManagerOptions> = {}): RunningManager {
    const log = recordingLogger();
    const manager = new Manager({ client: this.client, logger: log.logger, ...options });
    build(manager);
    const stop = new AbortController();
    const ended = manager.run({ signal: stop.signal });
    const end = async (): Promise<void> => {
      stop.abort();
      await ended;
    };
    return { manager, log, stop: Object.assign(end, { ended }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of [this.client, ...this.#others]) await client.close();
    await this.server.close();
  }
}
