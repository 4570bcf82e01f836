import type { WebApp } from '../web-app/web-app.ts';

/** The manager of every field that the sample writes with server-side apply. */
export const fieldManager = 'kubeloop-sample';

/** The label that tells which WebApp an object belongs to; the Service selects its pods by it. */
export const appLabel = 'app.kubernetes.io/name';

/** Marks everything that the sample has made, so that it touches nothing else. */
export const managedByLabel = 'app.kubernetes.io/managed-by';

/** The labels by which a Deployment and a Service find the pods of a WebApp. They never change. */
export function selectorLabels(webApp: WebApp): Record<string, string> {
  return { [appLabel]: webApp.metadata.name };
}

/** The metadata that all children of a WebApp share. */
export function childMetadata(webApp: WebApp): {
  name: string;
  namespace: string;
  labels: Record<string, string>;
} {
  return {
    name: webApp.metadata.name,
    namespace: webApp.metadata.namespace,
    labels: { ...selectorLabels(webApp), [managedByLabel]: fieldManager },
  };
}
