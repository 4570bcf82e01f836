import type { ServingCertificate } from './arguments.ts';
import type { Assets } from './assets.ts';
import type { ProgramName } from './builder.ts';
import { compactEtcd } from './etcd.ts';
import { freePorts } from './ports.ts';
import type { Program, ProgramSignal } from './program.ts';
import { Session } from './session.ts';
import { whenStopped } from './stopped.ts';

/** The controllers that run unless told otherwise: what owner references, namespaces and Deployments need. */
export const defaultControllers: readonly string[] = [
  'garbage-collector-controller',
  'namespace-controller',
  'deployment-controller',
  'replicaset-controller',
];

/** What a control plane is made of. */
export interface ControlPlaneOptions {
  /** The programs, from `findAssets`. */
  readonly assets: Assets;
  /** Feature gates of kube-apiserver, for example `{ WatchList: false }`. Default: Kubernetes' own. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** Further arguments of kube-apiserver, for example `--min-request-timeout=3`; they win over ours. */
  readonly apiServerArgs?: readonly string[];
  /** The certificate that kube-apiserver shows. Default: one that it signs itself and keeps. */
  readonly servingCertificate?: ServingCertificate;
  /**
   * Names for kube-controller-manager's `--controllers`. Default {@link defaultControllers} where the assets have a
   * kube-controller-manager and none where they do not. An empty list starts none.
   */
  readonly controllers?: readonly string[];
  /** How long each program may take to become ready, in milliseconds. Default 60 000. */
  readonly startTimeoutMs?: number;
  /**
   * Picks as many different ports of 127.0.0.1 as it is asked for: etcd's, then the API server's. Default: free ones.
   * Asked once more when one was taken meanwhile.
   */
  readonly pickPorts?: (count: number) => Promise<readonly number[]>;
  /**
   * Told when a program that had started ends although nobody asked it to. Default: writes the message to standard error.
   * What goes wrong during a start or restart is thrown by that instead.
   */
  readonly onError?: (error: Error) => void;
}

/**
 * etcd, kube-apiserver and kube-controller-manager on loopback, for tests.
 *
 * The constructor starts nothing. One object runs once: after {@link ControlPlane.stop} make a new one.
 * Starting, restarting and stopping never overlap; a later call waits for the earlier one, and `stop` cuts the others short.
 * When this process dies, by whatever signal, the programs die and the state folder goes too.
 */
export class ControlPlane implements AsyncDisposable {
  /** The controllers that run once started. */
  readonly controllers: readonly string[];
  readonly #options: ControlPlaneOptions;
  readonly #stopping = new AbortController();
  #session: Session | undefined;
  #phase: 'new' | 'started' | 'stopped' = 'new';
  /** Settles when the last operation asked for has; never rejects. */
  #last: Promise<void> = Promise.resolve();

  /**
   * Throws a `RangeError` for a `startTimeoutMs` that is no positive finite number, and an `Error` when controllers are
   * asked for but the assets have no kube-controller-manager.
   */
  constructor(options: ControlPlaneOptions) {
    const { assets, controllers, startTimeoutMs = 60_000 } = options;
    if (!Number.isFinite(startTimeoutMs) || startTimeoutMs <= 0) {
      throw new RangeError(
        `Cannot make a control plane with startTimeoutMs ${startTimeoutMs}: it must be a positive finite number`,
      );
    }
    const canControl = assets.controllerManager !== undefined;
    if (!canControl && controllers !== undefined && controllers.length > 0) {
      throw new Error(
        `Cannot run controllers ${controllers.join(', ')}: folder "${assets.directory}" has no kube-controller-manager`,
      );
    }
    this.controllers = controllers ?? (canControl ? defaultControllers : []);
    this.#options = options;
  }

  /**
   * Starts the programs and resolves when `/readyz` answers; about 3 seconds. The controllers begin a moment later.
   *
   * A port that was taken meanwhile is answered by one more try with others. On failure or abort nothing is left running.
   * Throws an `Error` with the end of the log of the program that did not start, or the reason of the signal.
   */
  async start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#phase !== 'new') {
      throw new Error('Cannot start the control plane: it was started before; make a new one');
    }
    this.#phase = 'started';
    const signal = this.#signal(options.signal);
    await this.#next(async () => {
      try {
        await this.#open(signal);
      } catch (error) {
        this.#phase = 'stopped';
        await this.#tearDown();
        throw error;
      }
    });
  }

  /**
   * Stops all programs, last started first, and removes the state folder. Cuts a start or restart that is under way short.
   * Can be called at any time and more than once; every call resolves when all is gone.
   */
  async stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#stopping.abort(new Error('The control plane was stopped'));
    await this.#next(() => this.#tearDown());
  }

  /** The same as {@link ControlPlane.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Address of the API server, for example `https://127.0.0.1:41234`; the same after a restart. */
  get server(): string {
    return this.#running().server;
  }

  /**
   * Certificate that the API server's own is checked against, PEM; the same after a restart, unless it comes from a
   * {@link ServingCertificate} that changed.
   */
  get ca(): string {
    return this.#running().ca;
  }

  /** Bearer token of a user who may do everything. */
  get token(): string {
    return this.#running().credentials.token;
  }

  /** Certificate of a user who may do everything, PEM. */
  get clientCertificate(): string {
    return this.#running().credentials.clientCertificate;
  }

  /** Key of {@link ControlPlane.clientCertificate}, PEM. */
  get clientKey(): string {
    return this.#running().credentials.clientKey;
  }

  /** Path of a kubeconfig; its contexts are `token`, which is current, and `certificate`. */
  get kubeconfig(): string {
    return this.#running().kubeconfig;
  }

  /** Address of etcd, without TLS. */
  get etcdUrl(): string {
    return this.#running().etcdUrl;
  }

  /** Process id of a program, or `undefined` when it is not running. */
  pid(name: ProgramName): number | undefined {
    const program = this.#running().processes.get(name);
    return program.end === undefined ? program.pid : undefined;
  }

  /** The last lines a program wrote, restarts included. */
  async logTail(name: ProgramName, lines: number = 20): Promise<string> {
    return this.#running().processes.get(name).logTail(lines);
  }

  /**
   * Stops kube-apiserver when it runs, starts it again at the same address and resolves when it is ready; about 3 seconds.
   * etcd stays, and the watch cache begins anew: a watch from a resourceVersion of before is `410 Gone`.
   */
  async restartApiServer(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const signal = this.#signal(options.signal);
    await this.#next(async () => {
      signal.throwIfAborted();
      const session = this.#running();
      await session.processes.stopProgram('kube-apiserver');
      await session.startApiServer(signal);
    });
  }

  /**
   * Sends a signal to a program: SIGKILL for a crash, SIGSTOP to freeze it, SIGCONT to wake it. After a signal that ends it,
   * resolves when it has ended, and after SIGSTOP when it has stopped; a frozen program does not see SIGTERM before it is woken.
   */
  async kill(name: ProgramName, signal: ProgramSignal): Promise<void> {
    const program = this.#running().processes.get(name);
    program.signal(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await program.ended;
    if (signal === 'SIGSTOP' && program.pid !== undefined) await whenStopped(program.pid);
  }

  /**
   * Compacts etcd up to now and returns the revision. Where the API server's watch cache is off (`--watch-cache=false`),
   * a watch that has missed two writes or more is then `410 Gone`; the last write stays, so one that has missed only that
   * one goes on. With the watch cache on, it still replays everything.
   */
  async compact(options: { readonly signal?: AbortSignal } = {}): Promise<number> {
    return compactEtcd(this.etcdUrl, options.signal);
  }

  #running(): Session {
    if (this.#session === undefined)
      throw new Error(`Cannot use the control plane: it is ${this.#phase}, not running`);
    return this.#session;
  }

  #signal(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined
      ? this.#stopping.signal
      : AbortSignal.any([signal, this.#stopping.signal]);
  }

  async #next(operation: () => Promise<void>): Promise<void> {
    const result = this.#last.then(operation);
    this.#last = result.catch(() => undefined); // The caller of the operation gets the failure.
    await result;
  }

  async #tearDown(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.processes.stop();
  }

  async #open(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const options = this.#options;
    this.#session = await Session.open({
      assets: options.assets,
      featureGates: options.featureGates ?? {},
      apiServerArgs: options.apiServerArgs ?? [],
      servingCertificate: options.servingCertificate,
      controllers: this.controllers,
      startTimeoutMs: options.startTimeoutMs ?? 60_000,
      pickPorts: options.pickPorts ?? freePorts,
      onUnexpectedExit: (program) => this.#report(program),
    });
    await this.#session.start(signal);
  }

  #report(program: Program): void {
    const report = this.#options.onError ?? ((error: Error) => console.error(error.message));
    void program
      .logTail()
      .then((tail) =>
        report(
          new Error(`${program.name} ended with ${program.end}. The end of its log:\n${tail}`),
        ),
      );
  }
}
