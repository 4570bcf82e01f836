import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { apiServerArguments, controllerManagerArguments, etcdArguments } from './arguments.ts';
import type { ServingCertificate } from './arguments.ts';
import type { Assets } from './assets.ts';
import { makeCredentials } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { kubeconfig } from './kubeconfig.ts';
import { Processes } from './processes.ts';
import type { Program } from './program.ts';
import { httpsOk, ProgramStartError, waitUntilReady } from './readiness.ts';

/** What {@link Session} needs; every default has been applied. */
export interface SessionOptions {
  /** The programs. */
  readonly assets: Assets;
  /** Feature gates of kube-apiserver. */
  readonly featureGates: Readonly<Record<string, boolean>>;
  /** Further arguments of kube-apiserver. */
  readonly apiServerArgs: readonly string[];
  /** The certificate that kube-apiserver shows; without one it signs its own. */
  readonly servingCertificate: ServingCertificate | undefined;
  /** Controllers to run; none when empty. */
  readonly controllers: readonly string[];
  /** How long each program may take to become ready. */
  readonly startTimeoutMs: number;
  /** Picks as many ports as it is asked for. */
  readonly pickPorts: (count: number) => Promise<readonly number[]>;
  /** Called when a program ends although nobody asked it to. */
  readonly onUnexpectedExit: (program: Program) => void;
}

/** One life of a control plane: its state folder, keys, ports and processes. Its caller calls one method at a time. */
export class Session {
  /** The processes, for signals and logs. */
  readonly processes: Processes;
  /** Who may be a client. */
  readonly credentials: Credentials;
  readonly #options: SessionOptions;
  readonly #directory: string;
  #etcdPort = 0;
  #apiPort = 0;
  #ca = '';

  /** Makes the state folder and the keys; only the watchdog runs. On failure nothing is left. */
  static async open(options: SessionOptions): Promise<Session> {
    const directory = await mkdtemp(join(tmpdir(), 'control-plane-'));
    const { onUnexpectedExit } = options;
    const processes = Processes.open({ directory, onUnexpectedExit });
    try {
      return new Session(
        options,
        directory,
        processes,
        await makeCredentials(join(directory, 'pki')),
      );
    } catch (error) {
      await processes.stop();
      throw error;
    }
  }

  private constructor(
    options: SessionOptions,
    directory: string,
    processes: Processes,
    credentials: Credentials,
  ) {
    this.#options = options;
    this.#directory = directory;
    this.processes = processes;
    this.credentials = credentials;
  }

  /** Address of the API server. */
  get server(): string {
    return `https://127.0.0.1:${this.#apiPort}`;
  }

  /** Address of etcd. */
  get etcdUrl(): string {
    return `http://127.0.0.1:${this.#etcdPort}`;
  }

  /** What the certificate of the API server is checked against. One that it signed itself is kept over restarts. */
  get ca(): string {
    return this.#ca;
  }

  /** Path of the kubeconfig. */
  get kubeconfig(): string {
    return join(this.#directory, 'kubeconfig');
  }

  /** Starts everything; once more with other ports when one was taken. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      await this.#startServers(signal);
    } catch (error) {
      if (!ProgramStartError.is(error) || !error.portClash) throw error;
      await this.processes.stopPrograms();
      await rm(join(this.#directory, 'etcd'), { recursive: true, force: true });
      await this.#startServers(signal);
    }
    const { server, ca } = this;
    const text = kubeconfig({ ...this.credentials, server, ca });
    await writeFile(this.kubeconfig, text, { mode: 0o600 });
    this.#startControllers();
  }

  /** Starts kube-apiserver and waits until it is ready. */
  async startApiServer(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { assets, featureGates, apiServerArgs: extra, servingCertificate } = this.#options;
    const args = apiServerArguments({
      ...this.#places(),
      ...this.credentials,
      featureGates,
      servingCertificate,
      extra,
    });
    const program = this.processes.start('kube-apiserver', assets.apiServer, args);
    const own = join(this.#directory, 'apiserver-certs', 'apiserver.crt');
    await this.#ready(program, signal, async (probeSignal) => {
      this.#ca = await readFile(servingCertificate?.caFile ?? own, 'utf8');
      return httpsOk(`${this.server}/readyz`, this.#ca, probeSignal);
    });
  }

  async #startServers(signal: AbortSignal): Promise<void> {
    const [etcdPort = 0, apiPort = 0] = await this.#options.pickPorts(2);
    this.#etcdPort = etcdPort;
    this.#apiPort = apiPort;
    signal.throwIfAborted();
    const args = etcdArguments(this.#places());
    const etcd = this.processes.start('etcd', this.#options.assets.etcd, args);
    await this.#ready(etcd, signal, async (probeSignal) => {
      const response = await fetch(`${this.etcdUrl}/health`, { signal: probeSignal });
      await response.arrayBuffer();
      return response.ok;
    });
    await this.startApiServer(signal);
  }

  #startControllers(): void {
    const { assets, controllers } = this.#options;
    if (controllers.length === 0 || assets.controllerManager === undefined) return;
    const key = this.credentials.serviceAccountKeyFile;
    const args = controllerManagerArguments(this.kubeconfig, key, controllers);
    this.processes.start('kube-controller-manager', assets.controllerManager, args).started();
  }

  #places(): { directory: string; etcdPort: number; apiPort: number } {
    return { directory: this.#directory, etcdPort: this.#etcdPort, apiPort: this.#apiPort };
  }

  async #ready(
    program: Program,
    signal: AbortSignal,
    probe: (probeSignal: AbortSignal) => Promise<boolean>,
  ): Promise<void> {
    await waitUntilReady({ program, signal, probe, timeoutMs: this.#options.startTimeoutMs });
    program.started();
  }
}
