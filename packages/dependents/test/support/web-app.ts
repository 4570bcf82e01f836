import type { Resource } from '@kubeloop/client';
import { defineResource } from '@kubeloop/client';

/** The owner of the stories. */
export interface WebApp {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly replicas?: number;
    readonly shards?: number;
    readonly isPublic?: boolean;
  };
}

/** Where it lives. */
export const webApps: Resource<WebApp> = defineResource<WebApp>({
  group: 'example.com',
  version: 'v1',
  plural: 'webapps',
  kind: 'WebApp',
  namespaced: true,
});

/** What installs it. */
export const webAppDefinition = {
  metadata: { name: 'webapps.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'webapps', kind: 'WebApp' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
      },
    ],
  },
} as const;
