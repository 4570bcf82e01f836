import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { freePorts } from '@kubeloop/control-plane/ports';

import type { Installation } from './installation.ts';
import { isOpen } from './is-open.ts';
import { BrokerNode, erlangEnvironment } from './node.ts';
import { ManagedProcess } from './process.ts';
import type { ServerTls } from './server-tls.ts';
import { waitUntil } from './wait-until.ts';
import { Watchdog } from './watchdog.ts';

const run = promisify(execFile);

/** What a broker is started with. */
export interface BrokerOptions {
  /** Paths of the programs, from `findInstallation`. */
  readonly installation: Installation;
  /** Number of nodes, 1 or 3; default 1. Three form one cluster. */
  readonly nodes?: 1 | 3;
  /** Seconds after which a node takes a silent one for dead, at the latest; default 60, as Erlang's. */
  readonly netTickTimeS?: number;
  /** Plugins to enable; default none, as the design needs none. */
  readonly plugins?: readonly string[];
  /** Further lines of `rabbitmq.conf`. */
  readonly config?: readonly string[];
  /** Makes the ports of its nodes speak TLS and nothing else; default: nothing but plain text. */
  readonly tls?: ServerTls;
}

/**
 * RabbitMQ in a temporary folder, on free ports of 127.0.0.1 and with a name server of its own, so that it meets no other broker.
 * Nothing of it outlives this process, however that ends.
 */
export class Broker implements AsyncDisposable {
  /** Its nodes; the first is the one that `eval` asks. */
  readonly nodes: readonly BrokerNode[];
  readonly #installation: Installation;
  readonly #watchdog: Watchdog;
  readonly #epmd: ManagedProcess;
  readonly #epmdPort: number;
  #stopping: Promise<void> | undefined;

  /** Starts it and waits until all nodes accept connections; about 5 seconds for one node, 15 for three. */
  static async start(options: BrokerOptions): Promise<Broker> {
    const ports = await freePorts(1 + 2 * (options.nodes ?? 1));
    const broker = new Broker(options, ports);
    try {
      await broker.#start();
      return broker;
    } catch (error) {
      await broker.stop();
      throw error;
    }
  }

  private constructor(options: BrokerOptions, ports: readonly number[]) {
    const { installation, nodes: count = 1, netTickTimeS = 60 } = options;
    const { config = [], plugins = [], tls } = options;
    const [epmdPort = 0, ...nodePorts] = ports;
    this.#installation = installation;
    this.#epmdPort = epmdPort;
    this.#watchdog = Watchdog.start('kubeloop-broker-');
    this.#epmd = ManagedProcess.start({
      name: 'epmd',
      path: installation.epmd,
      args: ['-port', `${epmdPort}`, '-address', '127.0.0.1'],
      env: erlangEnvironment(this.#watchdog.folder, epmdPort),
      logFile: join(this.#watchdog.folder, 'epmd.log'),
      watchdog: this.#watchdog,
    });
    const names = Array.from({ length: count }, (_, index) => `wq${index + 1}-${epmdPort}`);
    this.nodes = names.map((shortName, index) => {
      const [port = 0, distributionPort = 0] = nodePorts.slice(2 * index);
      return new BrokerNode({
        installation,
        watchdog: this.#watchdog,
        shortName,
        port,
        distributionPort,
        epmdPort,
        plugins,
        tls,
        config: [...clusterLines(names), ...config],
        erlangArgs: `-kernel net_ticktime ${netTickTimeS}`,
      });
    });
  }

  /** How clients reach it: one address a node. */
  get urls(): readonly string[] {
    return this.nodes.map((node) => node.url);
  }

  /** Its first node. */
  get node(): BrokerNode {
    const [first] = this.nodes;
    if (first === undefined) throw new Error('Cannot name the first node: the broker has none');
    return first;
  }

  /** Evaluates an Erlang expression, which ends in a full stop, on a node and returns what it prints; about 2 seconds. */
  async eval(expression: string, node: BrokerNode = this.node): Promise<string> {
    return this.control(['eval', expression], node);
  }

  /** Runs `rabbitmqctl` against a node and returns what it writes. Throws when it fails. */
  async control(args: readonly string[], node: BrokerNode = this.node): Promise<string> {
    const env = erlangEnvironment(this.#watchdog.folder, this.#epmdPort);
    const { stdout } = await run(this.#installation.control, ['-q', '-n', node.name, ...args], {
      env,
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    return stdout.trim();
  }

  /** Stops everything, removes the folder. Safe to call again. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  /** As {@link stop}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #start(): Promise<void> {
    const what = 'epmd opens its port';
    await waitUntil({ what, timeoutMs: 10_000 }, async () => isOpen(this.#epmdPort));
    for (const node of this.nodes) node.launch();
    await Promise.all(this.nodes.map(async (node) => node.ready()));
    if (this.nodes.length === 1) return;
    const wanted = `${this.nodes.length}`;
    await waitUntil(
      { what: 'the nodes form one cluster', timeoutMs: 60_000, intervalMs: 500 },
      async () => (await this.eval('length(rabbit_nodes:all_running()).')) === wanted,
    );
  }

  /** State is thrown away, so nodes are killed: an orderly end takes seconds and saves nothing. */
  async #stop(): Promise<void> {
    await Promise.all(this.nodes.map(async (node) => node.kill()));
    await this.#epmd.stop(5000);
    await this.#watchdog.release();
  }
}

/** What makes nodes of these names find each other at their first start. */
function clusterLines(names: readonly string[]): string[] {
  if (names.length === 1) return [];
  return [
    'cluster_formation.peer_discovery_backend = classic_config',
    ...names.map(
      (name, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${name}@localhost`,
    ),
  ];
}
