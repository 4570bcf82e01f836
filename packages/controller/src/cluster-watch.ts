import { Cluster } from './cluster.ts';
import type { ReconcileBarrier } from './consistency/barrier.ts';
import type { WatchedResource } from './consistency/consistent-client.ts';
import type { InformerSelection } from './informer-selection.ts';
import { describeValue } from './option-checks.ts';

/** A kind of object that a controller reads, and where. */
export interface ClusterWatch extends WatchedResource {
  /** `undefined` for the manager's own cluster. */
  readonly cluster: Cluster | undefined;
}

/** Makes barriers for its own cluster. */
interface BarrierHost {
  barrierFor?(watched: readonly WatchedResource[]): ReconcileBarrier | undefined;
}

/** What holds reconciles back until the caches of all clusters show own writes; `undefined` when nothing is to. */
export function barrierOver(
  host: BarrierHost,
  watched: readonly ClusterWatch[],
): ReconcileBarrier | undefined {
  const barriers = [...Map.groupBy(watched, ({ cluster }) => cluster)].flatMap(
    ([cluster, kinds]) => (cluster ?? host).barrierFor?.(kinds) ?? [],
  );
  if (barriers.length <= 1) return barriers[0];
  return {
    wait(options) {
      const waits = barriers.flatMap((barrier) => barrier.wait(options) ?? []);
      if (waits.length === 0) return undefined;
      return Promise.all(waits).then(() => undefined);
    },
  };
}

/** @throws TypeError when something else is given as a cluster */
export function checkCluster(place: string, options: { readonly cluster?: unknown }): void {
  const { cluster } = options;
  if (cluster !== undefined && !Cluster.is(cluster))
    throw new TypeError(
      `Cannot use ${describeValue(cluster)} as cluster of ${place}: make one with new Cluster({ name, kubeConfig })`,
    );
}

/** Only what is set, so that equal selections share one informer. */
export function selectionOf(selection: InformerSelection): InformerSelection | undefined {
  const { namespace, namespaces, labelSelector, fieldSelector } = selection;
  const set = {
    ...(namespace !== undefined && { namespace }),
    ...(namespaces !== undefined && { namespaces }),
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  };
  return Object.keys(set).length === 0 ? undefined : set;
}
