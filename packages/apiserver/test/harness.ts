import { onTestFinished } from 'vitest';
import { ApiServer, type ApiServerOptions } from '../src/index.ts';

/** JSON of an answer; tests read what they know to be there. */
// oxlint-disable-next-line typescript/no-explicit-any -- answers are read by path in hundreds of assertions
export type Json = any;

/** An answer. */
export interface Answer {
  readonly code: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `undefined` when it is not JSON. */
  readonly body: Json;
}

const JSON_TYPE = 'application/json';

/** A started server that is closed when the test ends, and short ways to ask it. */
export class TestServer {
  readonly server: ApiServer;

  constructor(server: ApiServer) {
    this.server = server;
  }

  static async start(options: ApiServerOptions = {}): Promise<TestServer> {
    const server = new ApiServer(options);
    await server.start();
    onTestFinished(() => server.close());
    return new TestServer(server);
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    type: string = JSON_TYPE,
  ): Promise<Answer> {
    const payload =
      body === undefined
        ? {}
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { 'content-type': type },
          };
    const response = await fetch(this.server.url + path, { method, ...payload });
    const text = await response.text();
    return { code: response.status, headers: response.headers, text, body: parse(text) };
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.send('POST', path, body);
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, body);
  }

  delete(path: string, body?: unknown): Promise<Answer> {
    return this.send('DELETE', path, body);
  }

  patch(path: string, body: unknown, kind = 'merge-patch+json'): Promise<Answer> {
    return this.send('PATCH', path, body, `application/${kind}`);
  }

  apply(path: string, body: unknown, fieldManager: string, force = false): Promise<Answer> {
    const query = `?fieldManager=${fieldManager}${force ? '&force=true' : ''}`;
    return this.patch(path + query, body, 'apply-patch+yaml');
  }

  /** Opens a watch; it is closed when the test ends. */
  async watch(path: string): Promise<WatchStream> {
    const abort = new AbortController();
    onTestFinished(() => abort.abort());
    const response = await fetch(this.server.url + path, { signal: abort.signal });
    return new WatchStream(response);
  }
}

/** The events of a watch, one at a time. */
export class WatchStream {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #buffer = '';

  constructor(response: Response) {
    this.response = response;
    if (response.body === null) throw new Error('Cannot read the watch: the answer has no body');
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next event, or `undefined` at the end of the stream. */
  async next(): Promise<Json> {
    for (;;) {
      const end = this.#buffer.indexOf('\n');
      if (end >= 0) {
        const line = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 1);
        return JSON.parse(line);
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#buffer += value;
    }
  }

  /** The next `count` events as `TYPE name`. */
  async take(count: number): Promise<string[]> {
    const seen: string[] = [];
    while (seen.length < count) {
      const event = await this.next();
      if (event === undefined) break;
      seen.push(`${event.type} ${event.object.metadata.name}`);
    }
    return seen;
  }

  /** Reads until an event for which `found` holds. */
  async until(found: (event: Json) => boolean): Promise<Json> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error('The watch ended before the awaited event came');
      if (found(event)) return event;
    }
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
export const PODS = '/api/v1/namespaces/default/pods';

/** A small object that needs no defaults. */
export function configMap(name: string, extra: Json = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    data: { a: '1' },
    ...extra,
    metadata: { name, ...extra.metadata },
  };
}

/** A pod with one container. */
export function pod(name: string, extra: Json = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...extra.metadata },
    spec: { containers: [{ name: 'main', image: 'nginx:1' }], ...extra.spec },
  };
}

/** A definition of `webapps.example.com`, with status and scale. */
export function webAppDefinition(version: Json = {}): Json {
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['image'],
        properties: {
          image: { type: 'string', minLength: 1 },
          replicas: { type: 'integer', minimum: 0, default: 1 },
          color: { type: 'string', enum: ['blue', 'green'] },
          tags: { type: 'array', items: { type: 'string' } },
        },
      },
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'webapps.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'webapps', kind: 'WebApp', shortNames: ['wa'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          ...version,
        },
      ],
    },
  };
}

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const WEB_APPS = '/apis/example.com/v1/namespaces/default/webapps';

/** Creates the definition and waits until it is established. */
export async function installWebApps(server: TestServer, version: Json = {}): Promise<void> {
  const watch = await server.watch(`${DEFINITIONS}?watch=true`);
  await server.post(DEFINITIONS, webAppDefinition(version));
  await watch.until((event) =>
    event.object.status?.conditions?.some((condition: Json) => condition.type === 'Established'),
  );
}

/** A custom resource. */
export function webApp(name: string, extra: Json = {}): Json {
  return {
    apiVersion: 'example.com/v1',
    kind: 'WebApp',
    ...extra,
    metadata: { name, ...extra.metadata },
    spec: { image: 'nginx', ...extra.spec },
  };
}
