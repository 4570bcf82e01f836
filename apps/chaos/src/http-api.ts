import { Agent, request as httpsRequest } from 'node:https';

/** Where the API server is and who asks. */
export interface HttpApiOptions {
  /** For example `https://127.0.0.1:6443`. */
  readonly server: string;
  /** Authorities to trust, PEM. */
  readonly ca: string;
  /** Bearer token. */
  readonly token: string;
}

/** What the server answered. */
export interface Answer {
  readonly status: number;
  /** The JSON body; `undefined` where there was none. */
  readonly body: unknown;
}

/** One request; more than four things, so an object. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Gives up after so long without a byte, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
}

/**
 * Plain requests to an API server by node:https, so that writer and auditor share no code with what is tested.
 * Nothing is tried again here.
 */
export class HttpApi {
  readonly #options: HttpApiOptions;
  readonly #agent: Agent;

  constructor(options: HttpApiOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 16, ca: options.ca });
  }

  /** Asks once. Rejects when the connection fails; answers with any status otherwise. */
  async call({ method, path, body, timeoutMs = 10_000 }: Call): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const content = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const request = httpsRequest(`${this.#options.server}${path}`, {
      method,
      agent: this.#agent,
      timeout: timeoutMs,
      headers: { authorization: `Bearer ${this.#options.token}`, 'content-type': content },
    });
    request.once('timeout', () => request.destroy(new Error(`${method} ${path} was silent`)));
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body: parsed(text) });
      });
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
    return promise;
  }

  /** Asks, and throws an `Error` with the answer unless the status is one of those expected (by default any 2xx). */
  async expect(call: Call, expected: readonly number[] = []): Promise<unknown> {
    const { status, body } = await this.call(call);
    const isFine = (status >= 200 && status < 300) || expected.includes(status);
    if (isFine) return body;
    const text = JSON.stringify(body)?.slice(0, 300) ?? '';
    throw new Error(`Cannot ${call.method} ${call.path}: status ${status}: ${text}`);
  }

  /** Closes the idle connections. */
  close(): void {
    this.#agent.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}
