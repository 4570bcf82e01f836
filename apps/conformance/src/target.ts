import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

import { Answer } from './answer.ts';
import { WatchStream } from './watch-stream.ts';

/** As whom a request is sent: one who may do everything, one with a wrong token, one who may do nothing. */
export type Identity = 'admin' | 'stranger' | 'limited';

/** What a target needs to know of its server. */
export interface TargetOptions {
  /** The server's URL, without a slash at its end. */
  readonly server: string;
  /** The certificate that the server's own is checked against, PEM. None for `http:`. */
  readonly ca?: string;
  /** The headers that make a request one of that identity's. */
  readonly identities: Readonly<Record<Identity, Readonly<Record<string, string>>>>;
  /** What messages call the identity `limited`. */
  readonly limitedUser: string;
}

/** What a request takes. */
export interface RequestOptions {
  /** Sent as JSON, unless it is text. */
  readonly body?: unknown;
  /** Names in lower case; stronger than those that are sent by themselves. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `admin`. */
  readonly as?: Identity;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

/** The content types of the four kinds of patch. */
export const patchTypes: {
  readonly json: string;
  readonly merge: string;
  readonly strategic: string;
  readonly apply: string;
} = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** A server under test, seen through plain HTTP so that nothing of ours stands between a test and the bytes. */
export class ApiTarget implements AsyncDisposable {
  /** The server's URL. */
  readonly server: string;
  /** What messages call the identity `limited`. */
  readonly limitedUser: string;
  readonly #options: TargetOptions;
  readonly #agent: HttpAgent | HttpsAgent;

  /** Opens nothing. */
  constructor(options: TargetOptions) {
    this.server = options.server;
    this.limitedUser = options.limitedUser;
    this.#options = options;
    this.#agent = options.server.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true, ca: options.ca })
      : new HttpAgent({ keepAlive: true });
  }

  /** Any request. Resolves with failures too. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const message = await this.#send(method, path, options);
    message.setEncoding('utf8');
    let text = '';
    for await (const chunk of message) text += String(chunk);
    return new Answer({ code: message.statusCode ?? 0, headers: message.headers, text });
  }

  /** Reads. */
  async get(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request('GET', path, options);
  }

  /** Creates. */
  async post(path: string, body: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('POST', path, { ...options, body });
  }

  /** Replaces. */
  async put(path: string, body: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request('PUT', path, { ...options, body });
  }

  /** Changes by a patch of the given kind. */
  async patch(path: string, type: keyof typeof patchTypes, body: unknown): Promise<Answer> {
    return this.request('PATCH', path, { body, headers: { 'content-type': patchTypes[type] } });
  }

  /** Deletes; the body, if any, is DeleteOptions. */
  async delete(path: string, body?: unknown): Promise<Answer> {
    return this.request('DELETE', path, { body });
  }

  /** Opens a watch. The path needs `watch=true` or the like; an answer that is a failure has no events. */
  async watch(path: string, options: RequestOptions = {}): Promise<WatchStream> {
    return new WatchStream(await this.#send('GET', path, options));
  }

  /** Closes the connections that are kept for later. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    return Promise.resolve();
  }

  async #send(method: string, path: string, options: RequestOptions): Promise<IncomingMessage> {
    const { body, headers, as = 'admin', signal } = options;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const send = this.server.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(
      `${this.server}${path}`,
      {
        method,
        agent: this.#agent,
        ...(signal && { signal }),
        headers: {
          ...this.#options.identities[as],
          // Node sends the body of a DELETE without a length unless it is told one.
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(text)),
          }),
          ...headers,
        },
      },
      resolve,
    );
    request.once('error', reject);
    request.end(text);
    return promise;
  }
}
