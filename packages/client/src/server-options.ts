/** How to reach a cluster and as whom, said directly. At most one way of showing who one is may be given besides a certificate. */
export interface ServerOptions {
  /** The server's URL; a path in it is put before every request's. `http:` needs `skipTLSVerify`. */
  readonly server: string;
  /** A bearer token, or a function that gives one: it is asked again after 10 s, and at once when the server refuses the token. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** A file with a bearer token; it is read again every 60 s, as client-go does, and at once when the server refuses the token. */
  readonly tokenFile?: string | undefined;
  /** A user name for basic authentication. */
  readonly username?: string | undefined;
  /** The password that goes with `username`. */
  readonly password?: string | undefined;
  /** The certificates that vouch for the server, PEM. Default: those that Node trusts. */
  readonly ca?: string | Uint8Array | undefined;
  /** A file with the same; it is read again every 60 s. */
  readonly caFile?: string | undefined;
  /** The client's certificate, PEM; needs `key` or `keyFile`. */
  readonly cert?: string | Uint8Array | undefined;
  /** A file with the same; it is read again every 60 s, and a new one is used for new connections. */
  readonly certFile?: string | undefined;
  /** The client's private key, PEM. */
  readonly key?: string | Uint8Array | undefined;
  /** A file with the same; it is read again together with `certFile`. */
  readonly keyFile?: string | undefined;
  /** What the private key is encrypted with. */
  readonly passphrase?: string | undefined;
  /** Accepts any certificate, and allows `http:`. For tests. */
  readonly skipTLSVerify?: boolean | undefined;
  /** The name to expect in the server's certificate. Default: the host of `server`. */
  readonly servername?: string | undefined;
  /** An HTTP or SOCKS5 proxy to go through. Proxies of the environment are not looked at. */
  readonly proxyUrl?: string | undefined;
}
