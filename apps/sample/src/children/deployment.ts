import type { V1Deployment } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import type { WebApp } from '../web-app/web-app.ts';
import { settingsHash } from './config-map.ts';
import { childMetadata, selectorLabels } from './metadata.ts';

/** The annotation of the pod template that changes with the settings. */
export const settingsAnnotation = 'demo.kubeloop.dev/settings-hash';

/**
 * The Deployment that runs a WebApp.
 *
 * @param settings - what the ConfigMap holds now; its fingerprint goes into the pod template, so that a change rolls the pods
 */
export function desiredDeployment(
  webApp: WebApp,
  settings: Readonly<Record<string, string>>,
): Wire<V1Deployment> {
  const { image, replicas = 1, port = 8080 } = webApp.spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: childMetadata(webApp),
    spec: {
      replicas,
      selector: { matchLabels: selectorLabels(webApp) },
      template: {
        metadata: {
          labels: childMetadata(webApp).labels,
          annotations: { [settingsAnnotation]: settingsHash(settings) },
        },
        spec: {
          containers: [
            {
              name: 'web',
              image,
              ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }],
              envFrom: [{ configMapRef: { name: webApp.metadata.name } }],
            },
          ],
        },
      },
    },
  };
}
