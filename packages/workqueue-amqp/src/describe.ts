import { checkCount } from '@kubeloop/workqueue/engine';
import type { Consuming } from './consuming.ts';
import type { AmqpQueueDescription, PartitionDescription } from './description.ts';
import type { Publishing } from './publishing.ts';
import type { Settings } from './settings.ts';
import { partitionOf } from './partition.ts';

/** What is described. */
export interface Described {
  readonly settings: Settings;
  readonly consuming: Consuming;
  readonly publishing: Publishing;
  /** The other processes. */
  readonly members: readonly string[];
  readonly isConsuming: boolean;
  readonly limit: number;
}

/** What one process has and knows of a shared queue. */
export function describe(described: Described): AmqpQueueDescription {
  const { settings, consuming, publishing, members, isConsuming } = described;
  const limit = checkCount('limit', described.limit, 0);
  const { queued, waiting, counts } = consuming.consumer.describe(limit);
  return {
    name: settings.name,
    identity: settings.identity,
    queued,
    processing: [...consuming.consumer.runs.keys()].slice(0, limit),
    waiting,
    counts: { ...counts, processing: consuming.consumer.runs.size },
    partitions: partitionsOf(settings, consuming),
    outbox: publishing.outbox.size,
    connections: { publishing: publishing.link.state, consuming: consuming.link.state },
    leaseLeftMs: consuming.lease.leftMs,
    members: [...(isConsuming ? [settings.identity] : []), ...members].sort(),
  };
}

function partitionsOf(settings: Settings, consuming: Consuming): PartitionDescription[] {
  const processing = new Map<number, number>();
  const stale = new Map<number, number>();
  for (const [key, run] of consuming.consumer.runs) {
    const index = partitionOf(key, settings.partitions);
    processing.set(index, (processing.get(index) ?? 0) + 1);
    if (run.isStale) stale.set(index, (stale.get(index) ?? 0) + 1);
  }
  return consuming.holdings.map(({ index, state, table }) => ({
    index,
    state,
    windowFill: table?.unacknowledged ?? 0,
    processing: processing.get(index) ?? 0,
    stale: stale.get(index) ?? 0,
  }));
}
