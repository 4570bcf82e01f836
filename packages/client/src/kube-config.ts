import type { RequestOptions } from 'node:https';
import type { Identity } from './credentials.ts';
import type { KubeConfigCluster, KubeConfigLike } from './kube-config-like.ts';
import { followContext, isMadeUp } from './kube-config-context.ts';
import { checkPair, fileText, pemText } from './pem.ts';

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
    await fill(config, filled);
    return { headers: headersOf(filled), tls: tlsOf(filled, cluster) };
  };
}

/**
 * A plugin that prints something else than JSON may print a bare token, which the parser's error quotes. One that prints JSON
 * without a credential, such as that of a user who has to log in again, is remembered by client-node as if it had one, and
 * never asked again.
 */
async function fill(config: KubeConfigLike, options: RequestOptions): Promise<void> {
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    forgetPluginTokens(config);
    if (!(error instanceof SyntaxError)) throw error;
    // oxlint-disable-next-line eslint/preserve-caught-error -- the error quotes what may be a token
    throw new Error('what the plugin of the user printed is not JSON');
  }
}

/**
 * Makes client-node forget what exec plugins gave it, and what it read of a pod's token file, which it does once a minute.
 * A credential without `expirationTimestamp` is good until the server answers 401, says client.authentication.k8s.io/v1,
 * but client-node (as of 2.0), which does not learn of the answer, keeps it for ever. Its memory is no public part; where it
 * looks different, nothing happens and the server's refusal stands.
 */
export function forgetPluginTokens(config: KubeConfigLike): void {
  if (!('authenticators' in config) || !Array.isArray(config.authenticators)) return;
  // An array of anything; each element is looked at before use.
  for (const authenticator of config.authenticators as readonly unknown[])
    if (typeof authenticator === 'object' && authenticator !== null) {
      if ('tokenCache' in authenticator) authenticator.tokenCache = {};
      if ('lastRead' in authenticator) authenticator.lastRead = null;
    }
}

function headersOf(filled: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(filled.headers ?? {}))
    // Files with tokens end with a line break, which client-node leaves there.
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value).trim();
  // Basic authentication is given in the way of node:https.
  if (typeof filled.auth === 'string')
    headers['authorization'] ??= `Basic ${Buffer.from(filled.auth).toString('base64')}`;
  return headers;
}

/** client-node fills in nothing at all when a context has no user, so the cluster's part is read here as well. */
function tlsOf(filled: RequestOptions, cluster: KubeConfigCluster): Identity['tls'] {
  const [cert, key, { passphrase }] = [text(filled.cert), text(filled.key), filled];
  checkPair({ cert, key, passphrase, names: ['client-certificate', 'client-key'] });
  return {
    ca: text(filled.ca) ?? caOf(cluster),
    cert,
    key,
    passphrase,
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
