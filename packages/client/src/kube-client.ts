import { isJson, readJson, readText } from './answer.ts';
import type { CallOptions } from './api.ts';
import {
  behaviourOf,
  checkWhole,
  type Behaviour,
  type KubeClientOptions,
} from './client-options.ts';
import { ConnectionPool } from './connection-pool.ts';
import { Credentials, type CredentialsOptions } from './credentials.ts';
import { HttpResourceClient } from './http-resource-client.ts';
import { jsonBody } from './json-body.ts';
import { clusterOf, forgetPluginTokens, identityReader, isKubeConfig } from './kube-config.ts';
import type { KubeConfigLike } from './kube-config-like.ts';
import type { ResourceClient } from './resource-client.ts';
import { queryText } from './resource-path.ts';
import type { Resource } from './resource.ts';
import { checkServerOptions, maxAgeOf, readIdentity } from './server-credentials.ts';
import type { ServerOptions } from './server-options.ts';
import { checkProxyUrl, parseServerUrl, type ServerUrl } from './server-url.ts';
import { RequestMeter } from './request-metrics.ts';
import { Session } from './session.ts';

/** How long what a kubeconfig gave is used; its own plugins remember for as long as their tokens live. */
const kubeConfigMaxAgeMs = 10_000;

/** What a raw request takes. */
export interface RequestOptions extends CallOptions {
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | undefined;
  /** Sent as JSON, unless it is text. */
  readonly body?: unknown;
  /** Added to the path. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Added to, and stronger than, those that the client sends by itself, `content-type` and `authorization` among them; names in any case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * A client of one cluster, with one pool of connections for all calls and watches.
 *
 * Constructing it opens nothing; the first call does. {@link KubeClient.close} ends everything. It may be
 * shared by everything in a process that talks to the cluster as the same user.
 *
 * @example
 * ```ts no-run
 * import { KubeClient, pods } from '@kubeloop/client';
 * await using client = new KubeClient({ server: 'https://127.0.0.1:6443', token: 'secret', caFile: 'ca.crt' });
 * for await (const pod of client.resource(pods).listAll({ labelSelector: 'app=web' })) console.log(pod.metadata?.name);
 * ```
 */
export class KubeClient implements AsyncDisposable {
  readonly #session: Session;

  /**
   * @param options - a `KubeConfig` of `@kubernetes/client-node`, or a cluster said directly
   * @throws TypeError or RangeError that names the option when something is wrong, Error when a file cannot be read
   */
  constructor(options: KubeConfigLike | KubeClientOptions) {
    if (typeof options !== 'object' || options === null)
      throw new TypeError('Cannot make a client: it needs a kubeconfig or options');
    this.#session = isKubeConfig(options) ? sessionOf({ kubeConfig: options }) : sessionOf(options);
  }

  /** The URL of the server, without a slash at its end. */
  get server(): string {
    return this.#session.server.text;
  }

  /** The calls for one resource. Asks no server. @throws TypeError when that is none */
  resource<T>(resource: Resource<T>): ResourceClient<T> {
    if (typeof resource?.plural !== 'string')
      throw new TypeError(
        `Cannot use ${JSON.stringify(resource)} as a resource: make one with defineResource`,
      );
    return new HttpResourceClient(this.#session, resource);
  }

  /**
   * A request of any path, such as `/version`, `/readyz` or `/apis`.
   *
   * Answers that are JSON are parsed, others are given as text. Fails as the calls of {@link ResourceClient} do.
   *
   * @param path - starts with a slash; put after the path of the server's URL
   */
  async request<R = unknown>(path: string, options: RequestOptions = {}): Promise<R> {
    if (typeof path !== 'string' || !path.startsWith('/'))
      throw new TypeError(`Cannot request ${JSON.stringify(path)}: a path starts with a slash`);
    const { method = 'GET', body, query = {}, headers, signal, maxRetries } = options;
    const parameters = queryText(query);
    const request = {
      action: { verb: `${method} ${path}` },
      method,
      path: path.includes('?') ? path + parameters.replace('?', '&') : path + parameters,
      headers: {
        accept: 'application/json, */*;q=0.5',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...inLowerCase(headers),
      },
      body:
        body === undefined || typeof body === 'string'
          ? body
          : jsonBody(body, `request ${method} ${path}`),
      maxRetries: maxRetries === undefined ? undefined : checkWhole('maxRetries', maxRetries),
    };
    return this.#session.call(request, signal, async (answer) => {
      const { maxObjectBytes } = this.#session.behaviour;
      const content = isJson(answer)
        ? readJson(answer, this.server, maxObjectBytes)
        : readText(answer, this.server, maxObjectBytes);
      // The caller says what the path answers with.
      return (await content) as R;
    });
  }

  /**
   * Ends everything: calls that are under way reject, watches end, connections close, and later calls are refused.
   * Resolves when no socket is left. Closing again waits for the same.
   */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** The same as {@link KubeClient.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Names of headers mean the same in any case, and one that is said twice would be sent twice. */
function inLowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** What a kubeconfig says already. */
const serverOptions = [
  'server',
  'token',
  'tokenFile',
  'username',
  'password',
  'ca',
  'caFile',
  'cert',
  'certFile',
  'key',
  'keyFile',
  'passphrase',
  'skipTLSVerify',
  'servername',
  'proxyUrl',
] as const satisfies readonly (keyof ServerOptions)[];

/** The kubeconfig among the options, if there is one. @throws TypeError when it is none, or says what other options say too */
function kubeConfigOf(options: KubeClientOptions): KubeConfigLike | undefined {
  const { kubeConfig, ...others } = options as { kubeConfig?: KubeConfigLike } & ServerOptions;
  if (kubeConfig === undefined) return undefined;
  if (typeof kubeConfig !== 'object' || kubeConfig === null || !isKubeConfig(kubeConfig))
    throw new TypeError(
      'Cannot use option "kubeConfig": it is no KubeConfig of @kubernetes/client-node',
    );
  for (const name of serverOptions)
    if (others[name] !== undefined)
      throw new TypeError(
        `Cannot use options "kubeConfig" and "${name}" together: the kubeconfig says it`,
      );
  return kubeConfig;
}

function sessionOf(options: KubeClientOptions): Session {
  const behaviour = behaviourOf(options);
  const { clock, metrics } = behaviour;
  const kubeConfig = kubeConfigOf(options);
  // Without a kubeconfig the others are there.
  const place = kubeConfig
    ? placeByKubeConfig(kubeConfig)
    : placeByOptions(options as ServerOptions);
  const { server, proxyUrl } = place;
  const credentials = new Credentials({ ...place.credentials, server: server.text, clock });
  const meter = metrics && new RequestMeter(metrics, server.origin, clock);
  const pool = poolOf(server, { proxyUrl, behaviour, meter });
  return new Session({ server, credentials, pool, behaviour, meter });
}

/** Where a server is, and how to be known to it. */
interface Place {
  readonly server: ServerUrl;
  readonly proxyUrl: string | undefined;
  readonly credentials: Pick<CredentialsOptions, 'load' | 'maxAgeMs' | 'onRefused'>;
}

function placeByKubeConfig(kubeConfig: KubeConfigLike): Place {
  const { server, skipTLSVerify, proxyUrl } = clusterOf(kubeConfig);
  return {
    server: parseServerUrl(server, skipTLSVerify === true),
    // A kubeconfig may say so that there is none.
    proxyUrl: proxyUrl || undefined,
    credentials: {
      load: identityReader(kubeConfig),
      maxAgeMs: kubeConfigMaxAgeMs,
      onRefused: () => forgetPluginTokens(kubeConfig),
    },
  };
}

function placeByOptions(options: ServerOptions): Place {
  checkServerOptions(options);
  return {
    server: parseServerUrl(options.server, options.skipTLSVerify === true),
    proxyUrl: options.proxyUrl,
    credentials: { load: () => readIdentity(options), maxAgeMs: maxAgeOf(options) },
  };
}

function poolOf(
  { origin }: ServerUrl,
  options: {
    readonly proxyUrl: string | undefined;
    readonly behaviour: Behaviour;
    readonly meter: RequestMeter | undefined;
  },
): ConnectionPool {
  const { proxyUrl, behaviour, meter } = options;
  return new ConnectionPool({
    origin,
    proxyUrl: proxyUrl === undefined ? undefined : checkProxyUrl(proxyUrl),
    http2: behaviour.http2,
    clock: behaviour.clock,
    onLookup: meter && ((host, durationMs) => meter.resolved({ host, durationMs })),
  });
}
