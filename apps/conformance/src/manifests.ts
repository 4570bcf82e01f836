import type { KubeObject, ObjectMeta } from './answer.ts';

/** A uid that no object has. */
export const foreignUid = '6b8ec7c6-0000-4000-8000-000000000000';

/** A config map to send. */
export function configMap(
  name: string,
  data?: Readonly<Record<string, string>>,
  metadata?: ObjectMeta,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...metadata },
    ...(data && { data }),
  };
}

/** A deployment to send: no replicas and paused, so that controllers leave its parts alone. */
export function deployment(name: string, spec?: Readonly<Record<string, unknown>>): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 0,
      paused: true,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'example.com/main' }] },
      },
      ...spec,
    },
  };
}

/** What a Status for a failure looks like. */
export function failure(
  code: number,
  reason: string | undefined,
  rest: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    ...(reason !== undefined && { reason }),
    code,
    ...rest,
  };
}
