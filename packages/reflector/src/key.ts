import type { ObjectLike } from '@kubeloop/cache-store';

/** What tells the objects of one collection apart. */
export function keyOf({ metadata }: ObjectLike): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}
