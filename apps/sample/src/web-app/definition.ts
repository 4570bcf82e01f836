import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import { webApps } from './web-app.ts';

const condition = {
  type: 'object',
  required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  properties: {
    type: { type: 'string' },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    reason: { type: 'string' },
    message: { type: 'string' },
    lastTransitionTime: { type: 'string', format: 'date-time' },
    observedGeneration: { type: 'integer', format: 'int64' },
  },
} as const;

const spec = {
  type: 'object',
  required: ['image'],
  properties: {
    image: { type: 'string', minLength: 1 },
    replicas: { type: 'integer', format: 'int32', minimum: 0, default: 1 },
    port: { type: 'integer', format: 'int32', minimum: 1, maximum: 65535, default: 8080 },
    settings: { type: 'object', additionalProperties: { type: 'string' } },
  },
} as const;

const status = {
  type: 'object',
  properties: {
    observedGeneration: { type: 'integer', format: 'int64' },
    replicas: { type: 'integer', format: 'int32' },
    readyReplicas: { type: 'integer', format: 'int32' },
    endpoints: { type: 'integer', format: 'int32' },
    nodes: { type: 'array', items: { type: 'string' } },
    conditions: {
      type: 'array',
      items: condition,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    },
  },
} as const;

/** The custom resource definition of WebApp, as it is applied to the cluster. */
export const webAppDefinition: Wire<V1CustomResourceDefinition> = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: webApps.name },
  spec: {
    group: webApps.group,
    scope: 'Namespaced',
    names: {
      plural: webApps.plural,
      singular: 'webapp',
      kind: webApps.kind,
      listKind: `${webApps.kind}List`,
      shortNames: ['wa'],
    },
    versions: [
      {
        name: webApps.version,
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', required: ['spec'], properties: { spec, status } },
        },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        additionalPrinterColumns: [
          { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
          { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
};
