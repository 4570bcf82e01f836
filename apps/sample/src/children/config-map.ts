import { createHash } from 'node:crypto';
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import type { WebApp } from '../web-app/web-app.ts';
import { childMetadata } from './metadata.ts';

/** The ConfigMap that carries the settings of a WebApp. */
export function desiredConfigMap(webApp: WebApp): Wire<V1ConfigMap> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: childMetadata(webApp),
    data: { ...webApp.spec.settings },
  };
}

/**
 * A short fingerprint of settings, the same for the same settings in any order. The pod template carries it:
 * pods read their settings once, so other settings must mean other pods.
 */
export function settingsHash(settings: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 10);
}
