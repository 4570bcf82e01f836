/** How deep causes are followed; guards against circles. */
const maxDepth = 8;

/** The text codes of an error, of its causes and, for an attempt at several addresses, of each attempt. */
function codesOf(error: unknown, depth: number = 0): readonly string[] {
  if (typeof error !== 'object' || error === null || depth > maxDepth) return [];
  const code: unknown = Reflect.get(error, 'code');
  const name: unknown = Reflect.get(error, 'name');
  const attempts: unknown = Reflect.get(error, 'errors');
  const inner = [Reflect.get(error, 'cause'), ...(Array.isArray(attempts) ? attempts : [])];
  return [
    ...(typeof code === 'string' ? [code] : []),
    ...(typeof name === 'string' ? [name] : []),
    ...inner.flatMap((one: unknown) => codesOf(one, depth + 1)),
  ];
}

/** Nobody listens at the server's address: most likely it restarts, and what we know of it stays true. */
export function isConnectionRefused(error: unknown): boolean {
  return codesOf(error).includes('ECONNREFUSED');
}

/** What Node, and undici in clients of others, say when a connection ends before its answer does, or when nothing comes for too long. */
const broken: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_GOAWAY_SESSION',
  'UND_ERR_SOCKET',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'WatchIdleError',
]);

/**
 * The connection broke or fell silent. As good as a watch that the server ended: everything received so far is valid.
 * Source: `IsProbableEOF` and `IsTimeout` in apimachinery's `util/net`, as `StreamWatcher` uses them.
 */
export function isConnectionBroken(error: unknown): boolean {
  return codesOf(error).some((code) => broken.has(code));
}
