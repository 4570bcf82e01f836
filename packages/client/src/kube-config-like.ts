import type { RequestOptions } from 'node:https';

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
