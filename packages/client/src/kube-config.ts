import type { RequestOptions } from 'node:https';
import type { Identity } from './credentials.ts';
import { followContext, isMadeUp } from './kube-config-context.ts';
import { fileText, pemText } from './pem.ts';

/** The part of client-node's `Cluster` that is used. */
export interface KubeConfigCluster {
  /** The name in the kubeconfig. */
  readonly name: string;
  /** The server's URL. */
  readonly server: string;
  /** The certificates that vouch for the server, PEM in base64. */
  readonly caData?: string;
  /** A file with them, PEM. */
  readonly caFile?: string;
  /** Accepts any certificate, and allows `http:`. */
  readonly skipTLSVerify?: boolean;
  /** The name to expect in the server's certificate. */
  readonly tlsServerName?: string;
  /** An HTTP or SOCKS5 proxy to go through. */
  readonly proxyUrl?: string;
}

/**
 * The part of `KubeConfig` of `@kubernetes/client-node` that is used; any object with these methods will do.
 * Exec plugins, OIDC, token files and client certificates are its work.
 */
export interface KubeConfigLike {
  /** The name of the context in use. */
  getCurrentContext(): string;
  /** The cluster of the context in use. */
  getCurrentCluster(): KubeConfigCluster | null;
  /** The user of the context in use. */
  getCurrentUser(): { readonly name: string } | null;
  /** The context of a name; `null` when there is none. Without this method, a context that names a missing user is not found out. */
  getContextObject?(name: string): { readonly cluster: string; readonly user: string } | null;
  /** All contexts, for messages. */
  getContexts?(): readonly { readonly name: string }[];
  /** Fills in certificates and headers, running plugins where needed. */
  applyToHTTPSOptions(options: RequestOptions): Promise<void>;
}

/** Whether options are a kubeconfig rather than plain options. */
export function isKubeConfig(value: object): value is KubeConfigLike {
  return 'getCurrentCluster' in value && 'applyToHTTPSOptions' in value;
}

/**
 * The cluster that a kubeconfig's context names.
 *
 * @throws TypeError that names what is missing (context, cluster, user), Error that names the file of the CA when it cannot be read
 */
export function clusterOf(config: KubeConfigLike): KubeConfigCluster {
  if (isMadeUp(config))
    throw new TypeError(
      'Cannot use the kubeconfig: there is none, neither where KUBECONFIG says nor at ~/.kube/config, and this is no pod',
    );
  const cluster = followContext(config, 'the kubeconfig');
  const ca = caOf(cluster);
  const option = `certificate-authority${cluster.caFile ? '' : '-data'}`;
  if (ca !== undefined) pemText(ca, { option, kind: 'certificate' });
  return cluster;
}

/** Makes the function that reads who the client is now from a kubeconfig, for the context that is current now. */
export function identityReader(config: KubeConfigLike): () => Promise<Identity> {
  const context = config.getCurrentContext();
  const { server } = clusterOf(config);
  return async () => {
    const cluster = config.getCurrentCluster();
    if (!cluster || config.getCurrentContext() !== context || cluster.server !== server)
      throw new Error(
        `Cannot use the kubeconfig any longer: its context changed from "${context}" to "${config.getCurrentContext()}", make a client and a KubeConfig for each context`,
      );
    const filled: RequestOptions = {};
    await config.applyToHTTPSOptions(filled);
    return { headers: headersOf(filled), tls: tlsOf(filled, cluster) };
  };
}

function headersOf(filled: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(filled.headers ?? {}))
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
  // Basic authentication is given in the way of node:https.
  if (typeof filled.auth === 'string')
    headers['authorization'] ??= `Basic ${Buffer.from(filled.auth).toString('base64')}`;
  return headers;
}

/** client-node fills in nothing at all when a context has no user, so the cluster's part is read here as well. */
function tlsOf(filled: RequestOptions, cluster: KubeConfigCluster): Identity['tls'] {
  return {
    ca: text(filled.ca) ?? caOf(cluster),
    cert: text(filled.cert),
    key: text(filled.key),
    passphrase: filled.passphrase,
    servername: filled.servername ?? cluster.tlsServerName,
    skipTLSVerify: filled.rejectUnauthorized === false || cluster.skipTLSVerify === true,
  };
}

function caOf(cluster: KubeConfigCluster): string | undefined {
  if (cluster.caFile) return fileText('certificate-authority', cluster.caFile);
  return cluster.caData ? Buffer.from(cluster.caData, 'base64').toString('latin1') : undefined;
}

/** Certificates as client-node fills them in: text from plugins, bytes from files. */
function text(value: RequestOptions['ca'] | RequestOptions['key']): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  throw new TypeError('Cannot use the kubeconfig: a certificate or key is neither text nor bytes');
}
