const brand = Symbol.for('@kubeloop/client/ConnectionError');

/** What a {@link ConnectionError} is made of. */
export interface ConnectionErrorOptions {
  /** The server's URL. */
  readonly server: string;
  /** What was being done, such as `reach server` or `read the answer of server`. */
  readonly action: string;
  /** What went wrong below. */
  readonly cause: unknown;
}

/**
 * The server could not be reached, or the connection broke before the answer was complete: refused
 * connections, names that do not resolve, TLS failures, time-outs, resets.
 *
 * `code` is that of the error below, such as `ECONNREFUSED`, `ECONNRESET` or `DEPTH_ZERO_SELF_SIGNED_CERT`;
 * that error itself is `cause`.
 */
export class ConnectionError extends Error {
  /** `ConnectionError`. */
  override readonly name: string = 'ConnectionError';
  /** The URL of the server. */
  readonly server: string;
  /** The code of the network error; `undefined` when it has none. */
  readonly code: string | undefined;

  /** Makes an error of what went wrong below. */
  constructor(options: ConnectionErrorOptions) {
    const { server, action, cause } = options;
    super(`Cannot ${action} ${server}: ${describe(cause)}`, { cause });
    Object.defineProperty(this, brand, { value: true });
    this.server = server;
    this.code = codeOf(cause);
  }

  /** Whether a value is such an error, from whichever copy of this package. */
  static is(value: unknown): value is ConnectionError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** What OpenSSL says when the answer to its greeting is no TLS record, as that of a server that speaks plain HTTP. */
const noTlsCodes: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
]);

/** What OpenSSL says when nobody that is trusted vouches for the server's certificate. */
const untrustedCodes: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/**
 * Whether a connection failed because one side does not trust the other's certificate: an authority that is unknown, a
 * certificate that has expired, or an alert that says so.
 */
export function isTrustFailure({ code = '' }: ConnectionError): boolean {
  return untrustedCodes.has(code) || /^(?:CERT_|ERR_SSL_.*(?:CERTIFICATE|UNKNOWN_CA))/.test(code);
}

/** Node's remedy is the trust store of the system, where the authority of a cluster seldom is. */
const nodeRemedy = /; if the root CA is installed locally.*$/;

/** The code of an error or of what caused it. */
function codeOf(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 3) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code ?? codeOf(error.cause, depth + 1);
}

/** A refused connection to a name with two addresses is an AggregateError with an empty message. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map((inner: unknown) => describe(inner)).join('; ');
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  if (code !== undefined && noTlsCodes.has(code))
    return 'the server does not speak TLS, so its URL may have to begin with http:';
  const said = oneLine(error.message) || code || error.name;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `${said}; option "servername" says which name to expect`;
  if (code === undefined || !untrustedCodes.has(code)) return said;
  return `${said.replace(nodeRemedy, '')}; give the certificates of the cluster's authority as option "ca" or "caFile", or as certificate-authority-data of the kubeconfig`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
