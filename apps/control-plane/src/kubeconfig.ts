/** What a kubeconfig says about one control plane. */
export interface KubeconfigOptions {
  /** Address of the API server. */
  readonly server: string;
  /** Certificate that the server's certificate is checked against, PEM. */
  readonly ca: string;
  /** Bearer token of the current user. */
  readonly token: string;
  /** Certificate of the other user, PEM. */
  readonly clientCertificate: string;
  /** Key of the other user, PEM. */
  readonly clientKey: string;
}

/**
 * A kubeconfig with two contexts: `token`, the current one, and `certificate`, the same rights by client certificate.
 * It is written as JSON, which is YAML too.
 */
export function kubeconfig(options: KubeconfigOptions): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const cluster = 'control-plane';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: cluster,
        cluster: { server: options.server, 'certificate-authority-data': base64(options.ca) },
      },
    ],
    users: [
      { name: 'token', user: { token: options.token } },
      {
        name: 'certificate',
        user: {
          'client-certificate-data': base64(options.clientCertificate),
          'client-key-data': base64(options.clientKey),
        },
      },
    ],
    contexts: ['token', 'certificate'].map((user) => ({ name: user, context: { cluster, user } })),
    'current-context': 'token',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
