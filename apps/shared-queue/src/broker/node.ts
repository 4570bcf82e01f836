import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Installation } from './installation.ts';
import { isOpen } from './is-open.ts';
import { ManagedProcess } from './process.ts';
import type { ServerTls } from './server-tls.ts';
import type { Watchdog } from './watchdog.ts';

/** How long a node may take to open its port: measured 4 to 6 s on an idle machine. */
const startTimeoutMs = 90_000;
/** How long a node may take to stop by itself before it is killed. */
const stopGraceMs = 20_000;

/** What one node is made of. */
export interface BrokerNodeOptions {
  /** Paths of the programs. */
  readonly installation: Installation;
  /** Owner of the temporary folder, and killer of what is left. */
  readonly watchdog: Watchdog;
  /** Name without the host. */
  readonly shortName: string;
  /** Port of AMQP on 127.0.0.1. */
  readonly port: number;
  /** Port that other nodes connect to, on 127.0.0.1. */
  readonly distributionPort: number;
  /** Port of the name server of Erlang nodes. */
  readonly epmdPort: number;
  /** Lines of `rabbitmq.conf` besides the listener's. */
  readonly config: readonly string[];
  /** Plugins to enable. */
  readonly plugins: readonly string[];
  /** Makes its port speak TLS and nothing else. */
  readonly tls: ServerTls | undefined;
  /** Arguments of the Erlang machine, besides the ones every node gets. */
  readonly erlangArgs: string;
}

/** One node of RabbitMQ with state of its own, which survives {@link stop} and {@link kill}. */
export class BrokerNode {
  /** Its Erlang name. */
  readonly name: string;
  /** Port of AMQP on 127.0.0.1; the same over all restarts. */
  readonly port: number;
  readonly #options: BrokerNodeOptions;
  readonly #folder: string;
  #process: ManagedProcess | undefined;

  /** Writes the node's files and starts nothing. */
  constructor(options: BrokerNodeOptions) {
    this.name = `${options.shortName}@localhost`;
    this.port = options.port;
    this.#options = options;
    this.#folder = join(options.watchdog.folder, options.shortName);
    for (const part of ['mnesia', 'log']) mkdirSync(join(this.#folder, part), { recursive: true });
    const { port, config, plugins, tls } = options;
    const listener =
      tls === undefined ? [`listeners.tcp.1 = 127.0.0.1:${port}`] : tlsLines(port, tls);
    const lines = [...listener, 'disk_free_limit.absolute = 200MB'];
    writeFileSync(join(this.#folder, 'rabbitmq.conf'), `${[...lines, ...config].join('\n')}\n`);
    writeFileSync(join(this.#folder, 'enabled_plugins'), `[${plugins.join(',')}].\n`);
  }

  /** How clients reach it. */
  get url(): string {
    const scheme = this.#options.tls === undefined ? 'amqp' : 'amqps';
    return `${scheme}://guest:guest@127.0.0.1:${this.port}`;
  }

  /** Process id of the Erlang machine; `undefined` while it does not run. */
  get pid(): number | undefined {
    return this.#process?.end === undefined ? this.#process?.pid : undefined;
  }

  /** Starts it and waits until its port is open. Throws an `Error` that quotes the log when it ends or takes too long. */
  async start(): Promise<void> {
    this.launch();
    await this.ready();
  }

  /** Starts it without waiting, for nodes that wait for each other. Throws an `Error` when it runs already. */
  launch(): void {
    if (this.pid !== undefined) throw new Error(`Cannot start ${this.name}: it runs already`);
    const { installation, watchdog } = this.#options;
    this.#process = ManagedProcess.start({
      name: this.name,
      path: installation.server,
      args: [],
      env: this.#environment(),
      logFile: join(this.#folder, 'output'),
      watchdog,
    });
  }

  /** Waits until the port is open, which a node does last in its start. */
  async ready(): Promise<void> {
    if (this.#process === undefined)
      throw new Error(`Cannot wait for ${this.name}: it was not started`);
    const what = `${this.name} opens its port`;
    await this.#process.started({ what, timeoutMs: startTimeoutMs }, async () => isOpen(this.port));
  }

  /** Stops it in an orderly way. Does nothing when it does not run. */
  async stop(): Promise<void> {
    await this.#process?.stop(stopGraceMs);
  }

  /** Kills it as `kill -9` does, and waits for its end. */
  async kill(): Promise<void> {
    this.#process?.signal('SIGKILL');
    await this.#process?.ended;
  }

  /** Stops it from running without ending it; connections stay open and silent. */
  freeze(): void {
    this.#process?.signal('SIGSTOP');
  }

  /** Lets a frozen node go on. */
  thaw(): void {
    this.#process?.signal('SIGCONT');
  }

  #environment(): NodeJS.ProcessEnv {
    const { distributionPort, epmdPort, erlangArgs } = this.#options;
    return {
      ...erlangEnvironment(this.#options.watchdog.folder, epmdPort),
      // The script then replaces itself by the Erlang machine, so that the child's process id is the machine's.
      RUNNING_UNDER_SYSTEMD: 'true',
      RABBITMQ_NODENAME: this.name,
      RABBITMQ_BASE: this.#folder,
      RABBITMQ_MNESIA_BASE: join(this.#folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(this.#folder, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(this.#folder, 'enabled_plugins'),
      RABBITMQ_CONFIG_FILE: join(this.#folder, 'rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_DIST_PORT: `${distributionPort}`,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false ${erlangArgs}`,
    };
  }
}

function tlsLines(port: number, tls: ServerTls): readonly string[] {
  return [
    'listeners.tcp = none',
    `listeners.ssl.1 = 127.0.0.1:${port}`,
    `ssl_options.certfile = ${tls.certificateFile}`,
    `ssl_options.keyfile = ${tls.keyFile}`,
    `ssl_options.cacertfile = ${tls.caFile}`,
    'ssl_options.verify = verify_peer',
    `ssl_options.fail_if_no_peer_cert = ${tls.isClientCertificateRequired}`,
  ];
}

/**
 * What every Erlang program of one broker needs: the folder with the cookie that nodes recognise each other by, and a name server that
 * only this broker uses.
 */
export function erlangEnvironment(home: string, epmdPort: number): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    HOME: home,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: `${epmdPort}`,
  };
}
