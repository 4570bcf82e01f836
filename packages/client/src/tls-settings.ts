/** How the server is recognised and how this client shows who it is. Certificates and keys are PEM. */
export interface TlsSettings {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly servername?: string | undefined;
  readonly skipTLSVerify?: boolean | undefined;
}

/** Equal for settings that may share connections. */
export function tlsFingerprint(tls: TlsSettings): string {
  const { ca, cert, key, passphrase, servername, skipTLSVerify } = tls;
  return JSON.stringify([ca, cert, key, passphrase, servername, skipTLSVerify === true]);
}
