import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
} from 'node:http2';
import type { Clock } from '@kubeloop/ratelimiter';
import type { Answer } from './answer.ts';
import { Http2Body, letGo } from './http2-body.ts';
import { lateBody, lateHeaders } from './transport-errors.ts';
import { IdleTimer } from './idle-timer.ts';
import { refuseFlood, type PoolRequest } from './transport.ts';

/** What an exchange is made of. */
export interface ExchangeOptions {
  readonly stream: ClientHttp2Stream;
  readonly request: PoolRequest;
  readonly clock: Clock;
  /** Why the stream ended before the answer did. */
  readonly failureOf: (error: unknown) => Error;
}

/** Headers that belong to connections of HTTP/1.1; HTTP/2 forbids them, and says the host in another way. */
const forbidden: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Sends a request as one stream. */
export function openStream(session: ClientHttp2Session, request: PoolRequest): ClientHttp2Stream {
  const { body } = request;
  const stream = session.request(headersOf(request), { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return stream;
}

/** Waits for the answer on a stream. Aborting the request resets that stream and touches no other. */
export function exchange({ stream, request, clock, failureOf }: ExchangeOptions): Promise<Answer> {
  const { signal, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    let body: Http2Body | undefined;
    const stop = (): void => {
      silence.stop();
      signal.removeEventListener('abort', abort);
    };
    const fail = (error: Error): void => {
      stop();
      if (body) body.destroy(error);
      else reject(error);
      letGo(stream);
    };
    // The cast only satisfies a signature: callers get exactly the value that the signal was aborted with.
    const abort = (): void => fail(signal.reason as Error);
    const silence = new IdleTimer(clock, timeoutMs, () =>
      fail(body ? lateBody(timeoutMs) : lateHeaders(timeoutMs)),
    );
    silence.begin();
    signal.addEventListener('abort', abort, { once: true });
    const countInformational = refuseFlood();
    stream.on('headers', () => {
      silence.note();
      try {
        countInformational();
      } catch (error) {
        // It throws nothing else.
        fail(error as Error);
      }
    });
    stream.once('response', (headers) => {
      silence.note();
      body = new Http2Body({ stream, silence, failureOf, onEnd: stop });
      resolve({ ...readHeaders(headers), body });
    });
    // The body listens for itself. One turn later, since Node tells of GOAWAY after the streams that it ends.
    const broken = (error?: unknown): void => {
      if (!body) setImmediate(() => fail(failureOf(error)));
    };
    stream.on('error', broken);
    stream.once('close', () => broken());
  });
}

function headersOf(request: PoolRequest): Record<string, string> {
  const { method, path, body } = request;
  const headers: Record<string, string> = { ':method': method, ':path': path };
  for (const [name, value] of Object.entries(request.headers)) {
    const lower = name.toLowerCase();
    if (!forbidden.has(lower)) headers[lower] = value;
  }
  if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
  return headers;
}

function readHeaders(
  received: IncomingHttpHeaders & IncomingHttpStatusHeader,
): Omit<Answer, 'body'> {
  const headers: Record<string, string | string[] | undefined> = {};
  for (const [name, value] of Object.entries(received))
    // Those with a colon are no headers, and the only one that is a number is among them.
    if (!name.startsWith(':') && typeof value !== 'number') headers[name] = value;
  return { statusCode: received[':status'] ?? 0, headers };
}
