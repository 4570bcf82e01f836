import { processClock, type Clock } from './clock.ts';
import type { TokenOptions } from './http/auth.ts';
import { Listener } from './http/listener.ts';
import { handleRequest } from './http/router.ts';
import { CustomResourceController } from './lifecycle/custom-resources.ts';
import { GarbageCollector } from './lifecycle/garbage-collector.ts';
import { NamespaceController } from './lifecycle/namespaces.ts';
import { Turn } from './lifecycle/turn.ts';
import { ClusterIps } from './registry/cluster-ips.ts';
import type { Cluster } from './operations/context.ts';
import { builtInResources } from './registry/built-in.ts';
import { defineResource, type ResourceOptions } from './registry/definition.ts';
import { Registry } from './registry/registry.ts';
import { Storage } from './storage/storage.ts';
import { WatchHub } from './watch/hub.ts';

/** Options of an {@link ApiServer}. */
export interface ApiServerOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number;
  /** Address to listen on; default `127.0.0.1`. */
  readonly host?: string;
  /** Resources to serve beside the built-in ones; default none. Custom resources need none. */
  readonly resources?: readonly ResourceOptions[];
  /** Time between bookmarks on a watch that asked for them; default 60,000. */
  readonly bookmarkIntervalMs?: number;
  /**
   * How many changes of each resource are kept at least, for watches, exact lists and continue
   * tokens; default 10,000. Older ones are answered with 410.
   */
  readonly watchCacheSize?: number;
  /** Whether `sendInitialEvents` is served; default true. */
  readonly watchList?: boolean;
  /** How long a read waits for a resourceVersion that is not reached yet; default 3000, 0 for not at all. */
  readonly futureVersionWaitMs?: number;
  /** Shortest life of a watch without `timeoutSeconds`, which lives up to twice that; default 30 min. */
  readonly minWatchTimeoutMs?: number;
  /** Bytes that may wait for a slow watch before it is cut off; default 64 MiB. */
  readonly maxWatchBufferBytes?: number;
  /** Whether dependents are collected when their owners go; default true. */
  readonly garbageCollection?: boolean;
  /** Bearer tokens and whom they stand for; without this option everyone may do everything. */
  readonly tokens?: Readonly<Record<string, TokenOptions>>;
  /** Where timers come from; default the process. */
  readonly clock?: Clock;
  /** Milliseconds since 1970, for timestamps in objects; default `Date.now`. */
  readonly wallClock?: () => number;
  /** Numbers from 0 to 1, for the life of watches; default `Math.random`. */
  readonly random?: () => number;
  /** Called with failures inside the server, which are bugs of it; default none. */
  readonly onError?: (error: unknown) => void;
}

/**
 * A Kubernetes API server in this process, over real HTTP, with everything in memory.
 *
 * It answers as kube-apiserver does where a controller can see it: resource versions, conflicts,
 * finalizers, paged lists, watches, patches, server-side apply, custom resources, garbage
 * collection. It runs nothing: no scheduler, no node, no workload controllers.
 */
export class ApiServer {
  readonly #storage: Storage;
  readonly #hub: WatchHub;
  readonly #turn: Turn;
  readonly #listener: Listener;
  readonly #controllers: readonly { start(): void; stop(): void }[];
  #url: string | undefined;
  #state: 'new' | 'started' | 'closed' = 'new';

  /**
   * Makes a server that is not started.
   *
   * @throws TypeError or RangeError when an option is not what it has to be
   */
  constructor(options: ApiServerOptions = {}) {
    const clock = options.clock ?? processClock;
    const onError = guarded(options.onError);
    const port = checkNumber('port', options.port ?? 0, 65_535);
    this.#storage = new Storage(checkNumber('watchCacheSize', options.watchCacheSize ?? 10_000));
    const resources = [...builtInResources(), ...(options.resources ?? []).map(defineResource)];
    const ips = new ClusterIps();
    const cluster: Cluster = {
      storage: this.#storage,
      registry: new Registry(resources),
      wallClock: options.wallClock ?? (() => Date.now()),
      nextClusterIp: () => ips.next(),
    };
    this.#turn = new Turn(onError);
    this.#hub = new WatchHub({
      storage: this.#storage,
      clock,
      bookmarkIntervalMs: checkDuration('bookmarkIntervalMs', options.bookmarkIntervalMs ?? 60_000),
    });
    this.#controllers = controllersOf(cluster, { turn: this.#turn, hub: this.#hub, options });
    const context = {
      cluster,
      hub: this.#hub,
      clock,
      onError,
      random: options.random ?? Math.random,
      tokens: options.tokens,
      watchList: options.watchList ?? true,
      futureVersionWaitMs: checkNumber('futureVersionWaitMs', options.futureVersionWaitMs ?? 3000),
      minWatchTimeoutMs: checkDuration('minWatchTimeoutMs', options.minWatchTimeoutMs ?? 1_800_000),
      maxWatchBufferBytes: checkDuration(
        'maxWatchBufferBytes',
        options.maxWatchBufferBytes ?? 64 * 1024 * 1024,
      ),
    };
    this.#listener = new Listener({
      host: options.host ?? '127.0.0.1',
      port,
      answer: (request, response) => void handleRequest(context, request, response), // never rejects
    });
  }

  /**
   * `http://127.0.0.1:NNN`, without a slash at the end.
   *
   * @throws Error before {@link ApiServer.start} has resolved
   */
  get url(): string {
    if (this.#url === undefined) {
      throw new Error(
        'Cannot read the URL of the API server: it is not started, await start() first',
      );
    }
    return this.#url;
  }

  /** The resourceVersion of the last write. */
  get resourceVersion(): string {
    return String(this.#storage.resourceVersion);
  }

  /** How many watches are open. */
  get openWatches(): number {
    return this.#hub.size;
  }

  /**
   * Starts to listen and creates the initial namespaces. A server is started once.
   *
   * @throws Error when it was started before, the port is taken, or it is closed meanwhile
   */
  async start(): Promise<void> {
    if (this.#state !== 'new') {
      throw new Error(`Cannot start the API server: it is already ${this.#state}, make a new one`);
    }
    this.#state = 'started';
    this.#hub.start();
    for (const controller of this.#controllers) controller.start();
    try {
      this.#url = await this.#listener.open();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Forgets all history, as a compaction of etcd does: watches and exact lists from versions before
   * this moment are answered with 410, continue tokens too.
   */
  compact(): void {
    this.#storage.compact();
  }

  /** Ends every watch in good order, as a server does that is about to restart. */
  endWatches(): void {
    this.#hub.endAll();
  }

  /**
   * Ends all watches and connections. When it resolves no socket and no timer is left; a second call
   * waits for the same.
   */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#hub.stop();
    for (const controller of this.#controllers) controller.stop();
    this.#turn.stop();
    await this.#listener.close();
  }

  /** Closes the server, at the end of the block of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * The text of a kubeconfig file for this server, with one context. It says `insecure-skip-tls-verify`, without which
   * clients refuse to talk to a server that has no TLS.
   *
   * @param token - a Bearer token of the options; default none
   * @throws Error before {@link ApiServer.start} has resolved
   */
  kubeConfigYaml(token?: string): string {
    const user = token === undefined ? '{}' : `{ token: ${JSON.stringify(token)} }`;
    const cluster = `{ server: ${JSON.stringify(this.url)}, insecure-skip-tls-verify: true }`;
    return [
      'apiVersion: v1',
      'kind: Config',
      `clusters: [{ name: kubeloop, cluster: ${cluster} }]`,
      `users: [{ name: kubeloop, user: ${user} }]`,
      'contexts: [{ name: kubeloop, context: { cluster: kubeloop, user: kubeloop } }]',
      'current-context: kubeloop',
      '',
    ].join('\n');
  }
}

/** A callback that throws must not stop the server; it has no one else to tell. */
function guarded(onError: ApiServerOptions['onError']): (error: unknown) => void {
  return (error) => {
    try {
      onError?.(error);
    } catch {
      // The caller's own failure, after ours was handed to it.
    }
  };
}

function controllersOf(
  cluster: Cluster,
  parts: { readonly turn: Turn; readonly hub: WatchHub; readonly options: ApiServerOptions },
): { start(): void; stop(): void }[] {
  const { turn, hub, options } = parts;
  const collector =
    options.garbageCollection === false ? [] : [new GarbageCollector(cluster, turn)];
  return [
    ...collector,
    new NamespaceController(cluster, turn),
    new CustomResourceController({ cluster, turn, hub }),
  ];
}

function checkNumber(name: string, value: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number')
    throw new TypeError(`Option ${name} must be a number, not ${typeof value}`);
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`Option ${name} must be a whole number from 0 to ${max}, not ${value}`);
  }
  return value;
}

function checkDuration(name: string, value: number): number {
  const checked = checkNumber(name, value);
  if (checked === 0) throw new RangeError(`Option ${name} must be above 0`);
  return checked;
}
