import type { Wire } from '@kubeloop/client';
import type { V1ConfigMap } from '@kubernetes/client-node';

/** An order: a ConfigMap that says which revision is wanted, and which one was shipped by whom. */
export type Order = Wire<V1ConfigMap>;

/** Whether what was shipped is not what is wanted. */
export function needsWork({ data }: Order): boolean {
  return data?.['wanted'] !== data?.['shipped'];
}
