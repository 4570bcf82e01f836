import type { KubeClient } from '@kubeloop/client';
import { ApiStatusError } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { EventObject } from '../../src/events/event-object.ts';
import type { EventRecorderOptions } from '../../src/events/event-recorder-options.ts';
import { EventRecorder } from '../../src/events/event-recorder.ts';
import type { RecordingLogger } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';

/** One call that the server has heard. */
export interface EventCall {
  readonly verb: 'create' | 'patch';
  readonly name: string;
  readonly namespace: string;
  readonly atMs: number;
  readonly body: Partial<EventObject>;
}

/** What takes events, and fails as the test says. */
export class EventServer {
  readonly clock: FakeClock = new FakeClock();
  readonly log: RecordingLogger = recordingLogger();
  readonly calls: EventCall[] = [];
  readonly events: Map<string, Partial<EventObject>> = new Map();
  /** Thrown by the next calls, one each; `undefined` lets one succeed. */
  readonly failures: (Error | undefined)[] = [];
  /** Thrown by each call, while it is set. */
  outage: Error | undefined;
  /** What each call waits for. */
  answer: Promise<unknown> | undefined;

  recorder(options: Partial<EventRecorderOptions> = {}): EventRecorder {
    return new EventRecorder({
      name: 'greeting',
      instance: 'greeting-1',
      // The recorder creates and patches events alone.
      client: { resource: () => this.#events() } as unknown as Pick<KubeClient, 'resource'>,
      clock: this.clock,
      now: () => new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678) + this.clock.now()),
      random: () => 0.5,
      logger: this.log.logger,
      ...options,
    });
  }

  /** The verbs of the calls so far, with the count that was written where there is one. */
  get verbs(): string[] {
    return this.calls.map(({ verb, body }) =>
      body.series ? `${verb} ${body.series.count}` : verb,
    );
  }

  #events(): unknown {
    const call = async (
      verb: 'create' | 'patch',
      [namespace, name]: readonly [string, string],
      body: Partial<EventObject>,
      signal?: AbortSignal,
    ): Promise<void> => {
      this.calls.push({ verb, namespace, name, atMs: this.clock.now(), body });
      await this.answer;
      signal?.throwIfAborted();
      const failure = this.outage ?? this.failures.shift();
      if (failure) throw failure;
      const known = this.events.get(name);
      if (verb === 'create' && known) throw statusError(409, 'AlreadyExists');
      if (verb === 'patch' && !known) throw statusError(404, 'NotFound');
      this.events.set(name, { ...known, ...body });
    };
    return {
      namespace: (namespace: string) => ({
        create: async (body: EventObject, options: { signal?: AbortSignal }) =>
          call('create', [namespace, body.metadata?.name ?? ''], body, options.signal),
        patch: async (name: string, body: EventObject, options: { signal?: AbortSignal }) =>
          call('patch', [namespace, name], body, options.signal),
      }),
    };
  }
}

export function statusError(code: number, reason: string, cause?: string): ApiStatusError {
  const details = cause === undefined ? undefined : { causes: [{ reason: cause }] };
  return new ApiStatusError({ status: { code, reason, message: reason, details } });
}

/** An object that events are about. */
export function thing(name = 'a'): {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
} {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'ns', uid: `uid-${name}` } };
}

/** An event of a note. */
export function note(text = 'hello'): { reason: string; action: string; note: string } {
  return { reason: 'Greeted', action: 'Greeting', note: text };
}
