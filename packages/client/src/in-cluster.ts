import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { fileText } from './pem.ts';
import type { ServerOptions } from './server-options.ts';

/** Where the kubelet puts a pod's service account. */
const serviceAccountRoot = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What {@link inClusterConfig} takes, for tests and unusual mounts. */
export interface InClusterOptions {
  /** The folder with `token` and `ca.crt`. Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  readonly serviceAccountPath?: string | undefined;
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** What {@link inClusterConfig} gives: options of a client, and the pod's own namespace. */
export interface InClusterConfig extends ServerOptions {
  /** The pod's namespace, when its file is there. */
  readonly namespace?: string | undefined;
}

/**
 * Options for a client inside of a pod: the cluster's address from `KUBERNETES_SERVICE_HOST` and
 * `KUBERNETES_SERVICE_PORT`, token and certificates from the service account. The files are read again every 60 s.
 *
 * @throws Error when this is no pod: the variables are not set, or the token cannot be read
 */
export function inClusterConfig(options: InClusterOptions = {}): InClusterConfig {
  const { serviceAccountPath = serviceAccountRoot, env = process.env } = options;
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port)
    throw new Error(
      'Cannot use the service account: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, so this is no pod',
    );
  const tokenFile = `${serviceAccountPath}/token`;
  fileText('tokenFile', tokenFile);
  const namespace = textIfThere(`${serviceAccountPath}/namespace`);
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    tokenFile,
    caFile: `${serviceAccountPath}/ca.crt`,
    ...(namespace !== undefined && { namespace }),
  };
}

function textIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // A pod's namespace is a convenience; not every mount has it.
    return undefined;
  }
}
