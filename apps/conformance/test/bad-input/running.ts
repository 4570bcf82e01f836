import { ApiServer, type ApiServerOptions, type DenyRule } from '@kubeloop/apiserver';
import { configMaps, KubeClient } from '@kubeloop/client';
import { Manager, type LogFields, type Logger, type ManagerOptions } from '@kubeloop/controller';

/** The namespace of every story. */
export const namespace = 'default';

/** One entry of a log. */
export interface Entry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps what it is told. */
export function recordingLogger(entries: Entry[], bound: LogFields = {}): Logger {
  const method =
    (level: Entry['level']) =>
    (message: string, fields: LogFields = {}): void =>
      void entries.push({ level, message, fields: { ...bound, ...fields } });
  return {
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    child: (fields) => recordingLogger(entries, { ...bound, ...fields }),
  };
}

/** A server whose user `alice` has the token `good` and may do what `deny` does not forbid at that moment. */
export class Cluster implements AsyncDisposable {
  readonly server: ApiServer;
  readonly client: KubeClient;
  /** A client for which no rule counts. */
  readonly admin: KubeClient;
  readonly deny: DenyRule[];
  readonly log: Entry[] = [];
  readonly #stops: (() => Promise<void>)[] = [];

  private constructor(server: ApiServer, deny: DenyRule[]) {
    this.server = server;
    this.deny = deny;
    const common = { server: server.url, skipTLSVerify: true };
    this.client = new KubeClient({ ...common, token: 'good' });
    this.admin = new KubeClient({ ...common, token: 'admin' });
  }

  /** Starts a server and makes clients for it. */
  static async start(options: ApiServerOptions = {}): Promise<Cluster> {
    const deny: DenyRule[] = [];
    const tokens = { good: { user: 'alice', deny }, admin: { user: 'admin' } };
    const server = new ApiServer({ ...options, tokens });
    await server.start();
    return new Cluster(server, deny);
  }

  /** A manager that runs until the cluster ends, or until `stop`, which gives what its run rejected with. */
  run(
    build: (manager: Manager) => void,
    options: Partial<ManagerOptions> = {},
  ): { manager: Manager; stop: () => Promise<unknown> } {
    const logger = recordingLogger(this.log);
    // Stories that run at the same time have controllers of the same names.
    const controllers = { skipNameValidation: true };
    const manager = new Manager({ client: this.client, logger, controllers, ...options });
    build(manager);
    const abort = new AbortController();
    const ended = manager.run({ signal: abort.signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const stop = async (): Promise<unknown> => {
      abort.abort();
      return ended;
    };
    this.#stops.push(async () => void (await stop()));
    return { manager, stop };
  }

  /** Creates an empty ConfigMap. */
  async createConfigMap(name: string): Promise<void> {
    await this.admin.resource(configMaps).namespace(namespace).create({ metadata: { name } });
  }

  /** The entries of the log at a level. */
  entries(level: Entry['level']): Entry[] {
    return this.log.filter((entry) => entry.level === level);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
    await this.client.close();
    await this.admin.close();
    await this.server.close();
  }
}

/** The words of what an entry of the log is about. */
export function errorText(entry: Entry): string {
  const { error } = entry.fields;
  return error instanceof Error ? error.message : String(error);
}
