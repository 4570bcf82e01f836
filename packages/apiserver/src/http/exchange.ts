import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { Cluster } from '../operations/context.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import type { WatchHub } from '../watch/hub.ts';
import type { TokenOptions } from './auth.ts';
import type { ResourcePath } from './path.ts';

/** What the handlers of requests work with. */
export interface HttpContext {
  readonly cluster: Cluster;
  readonly hub: WatchHub;
  readonly clock: Clock;
  readonly random: () => number;
  readonly tokens: Readonly<Record<string, TokenOptions>> | undefined;
  readonly watchList: boolean;
  readonly futureVersionWaitMs: number;
  readonly minWatchTimeoutMs: number;
  readonly maxWatchBufferBytes: number;
  /** Called with failures that are bugs of the server. */
  readonly onError: (error: unknown) => void;
}

/** One request to a resource. */
export interface Exchange {
  readonly context: HttpContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly path: ResourcePath;
  readonly resource: ResourceDefinition;
  /** The resource in the form that the client wants to be answered in. */
  readonly shown: ResourceDefinition;
}
