/** What a server that speaks TLS is started with. Files are read at each start. */
export interface ServerTls {
  /** Its certificate, PEM. */
  readonly certificateFile: string;
  /** The key of its certificate, PEM. */
  readonly keyFile: string;
  /** The authorities that it takes certificates of clients from, PEM. */
  readonly caFile: string;
  /** Whether a client without a certificate is refused. */
  readonly isClientCertificateRequired: boolean;
}
