import type { ObjectLike } from '@kubeloop/cache-store';
import type { KubeClient } from '@kubeloop/client';

/** Changes what is applied, as a mutating webhook does. */
export type Webhook = (object: ObjectLike) => ObjectLike;

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
  webhook: Webhook = (object) => object,
): KubeClient {
  return recorded(client, { calls, webhook }, '');
}

interface Recording {
  readonly calls: string[];
  readonly webhook: Webhook;
}

function recorded<C extends object>(client: C, recording: Recording, plural: string): C {
  const { calls, webhook } = recording;
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (verbs.has(key)) calls.push(`${String(key)} ${plural}/${nameOf(args[0])}`);
        // What is applied is an object.
        if (key === 'apply') args[0] = webhook(args[0] as ObjectLike);
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
