import type { ObjectLike } from '@kubeloop/cache-store';
import type { KubeClient } from '@kubeloop/client';

/** What goes on around the calls. */
export interface Surroundings {
  /** Changes what is applied, as a mutating webhook does. */
  readonly webhook?: (object: ObjectLike) => ObjectLike;
  /** What other people do right before a call. */
  readonly before?: (call: string) => Promise<void>;
}

const verbs: ReadonlySet<PropertyKey> = new Set([
  'get',
  'create',
  'update',
  'patch',
  'apply',
  'delete',
  'deleteCollection',
]);

/** The same client, which notes each call but lists and watches as `apply configmaps/a`. */
export function recordedClient(
  client: KubeClient,
  calls: string[],
  surroundings: Surroundings = {},
): KubeClient {
  return recorded(client, { calls, ...surroundings }, '');
}

interface Recording extends Surroundings {
  readonly calls: string[];
}

function recorded<C extends object>(client: C, recording: Recording, plural: string): C {
  const { calls, webhook, before } = recording;
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        // What is applied is an object.
        if (key === 'apply' && webhook) args[0] = webhook(args[0] as ObjectLike);
        if (verbs.has(key)) {
          const call = `${String(key)} ${plural}/${nameOf(args[0])}`;
          calls.push(call);
          const send = (): unknown => Reflect.apply(value, target, args);
          if (before) return before(call).then(send);
        }
        const answer: unknown = Reflect.apply(value, target, args);
        if (key !== 'resource' && key !== 'namespace') return answer;
        // A resource client, by its first argument when it is made.
        const resource = args[0] as { readonly plural: string };
        return recorded(answer as object, recording, key === 'resource' ? resource.plural : plural);
      };
    },
  });
}

function nameOf(target: unknown): string {
  if (typeof target === 'string') return target;
  return (target as { readonly metadata: { readonly name: string } }).metadata.name;
}
