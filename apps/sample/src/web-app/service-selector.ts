import type { V1Pod, V1Service } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';

/**
 * Whether a Service reaches a pod: the pod has every label of its selector. A Service without a selector reaches no
 * pods, where an empty label selector would reach all.
 */
export function selects(service: Wire<V1Service>, pod: Wire<V1Pod>): boolean {
  const selector = Object.entries(service.spec?.selector ?? {});
  const labels = pod.metadata?.labels ?? {};
  return selector.length > 0 && selector.every(([name, value]) => labels[name] === value);
}
