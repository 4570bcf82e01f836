import type { V1Service } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import type { WebApp } from '../web-app/web-app.ts';
import { childMetadata, selectorLabels } from './metadata.ts';

/** The Service that reaches the pods of a WebApp by their label. */
export function desiredService(webApp: WebApp): Wire<V1Service> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMetadata(webApp),
    spec: {
      selector: selectorLabels(webApp),
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}
