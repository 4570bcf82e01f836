import type { FamilyMaker, Numbers } from './family-maker.ts';
import type { NumberSeries } from './series.ts';

/** What is told of a queue that many processes share, whatever holds it. */
export interface SharedQueueInstruments {
  /** `kubeloop_shared_queue_outbox`. */
  readonly outbox: { set(value: number): void };
  /** `kubeloop_shared_queue_stale_runs_total`. */
  readonly staleRuns: { inc(): void };
  /** `kubeloop_shared_queue_disconnects_total`. */
  readonly disconnects: { inc(): void };
  /** `kubeloop_shared_queue_parked_keys_total`. */
  readonly parked: { inc(): void };
}

/** The instruments of a queue on RabbitMQ; what `@kubeloop/workqueue-amqp` calls `AmqpQueueInstruments`. */
export interface AmqpInstruments extends SharedQueueInstruments {
  /** `kubeloop_shared_queue_partition_owned`; a partition shows when it is told of first. */
  readonly owned: { set(partition: number, value: number): void };
  /** `kubeloop_shared_queue_partition_messages`; a partition shows when it is told of first. */
  readonly windowFill: { set(partition: number, value: number): void };
  /** `kubeloop_shared_queue_lease_left_seconds`. */
  readonly leaseLeft: { set(seconds: number): void };
  /** `kubeloop_shared_queue_redeliveries_total`. */
  readonly redeliveries: { inc(): void };
  /** `kubeloop_shared_queue_duplicates_total`. */
  readonly duplicates: { inc(): void };
  /** `kubeloop_shared_queue_renewals_total`. */
  readonly renewals: { inc(): void };
  /** `kubeloop_shared_queue_refused_publishes_total`. */
  readonly nacks: { inc(): void };
  /** `kubeloop_shared_queue_channel_reopens_total`. */
  readonly reopens: { inc(): void };
  /** `kubeloop_shared_queue_yields_total`. */
  readonly yields: { inc(): void };
}

/** The instruments of a queue on Redis; what `@kubeloop/workqueue-redis` calls `RedisQueueInstruments`. */
export interface RedisInstruments extends SharedQueueInstruments {
  /** `kubeloop_shared_queue_queued_keys`. */
  readonly queued: { set(value: number): void };
  /** `kubeloop_shared_queue_lease_expiries_total`. */
  readonly expiries: { inc(): void };
  /** `kubeloop_shared_queue_resends_total`. */
  readonly resends: { inc(): void };
}

type QueueLabel = 'name' | 'backend';

type QueueLabels = Readonly<Record<QueueLabel, string>>;

const ofQueue: readonly QueueLabel[] = ['name', 'backend'];

/** The metrics of the shared queues of a registry. A queue is told from one of the same name elsewhere by its backend. */
export class SharedQueueFamilies {
  readonly #common: ReturnType<typeof commonOf>;
  readonly #amqp: ReturnType<typeof amqpOf>;
  readonly #partitions: ReturnType<typeof partitionsOf>;
  readonly #redis: ReturnType<typeof redisOf>;

  constructor(maker: FamilyMaker) {
    this.#common = commonOf(maker);
    this.#amqp = amqpOf(maker);
    this.#partitions = partitionsOf(maker);
    this.#redis = redisOf(maker);
  }

  /** The instruments of a queue on RabbitMQ. All series but those of partitions show from now on. */
  amqp(name: string): AmqpInstruments {
    const labels = { name, backend: 'amqp' };
    return {
      ...seriesOf(this.#common, labels),
      ...seriesOf(this.#amqp, labels),
      owned: partitionsIn(this.#partitions.owned, labels),
      windowFill: partitionsIn(this.#partitions.windowFill, labels),
    };
  }

  /** The instruments of a queue on Redis. All series show from now on. */
  redis(name: string): RedisInstruments {
    const labels = { name, backend: 'redis' };
    return { ...seriesOf(this.#common, labels), ...seriesOf(this.#redis, labels) };
  }
}

function commonOf(maker: FamilyMaker) {
  return {
    outbox: gauge(maker, 'outbox', 'Calls and messages of this process that have no answer yet'),
    staleRuns: counter(
      maker,
      'stale_runs',
      'Runs whose key went to another process, or may have, before they ended',
    ),
    disconnects: counter(maker, 'disconnects', 'Connections that were lost'),
    parked: counter(maker, 'parked_keys', 'Keys that failed too often and were given up'),
  };
}

function amqpOf(maker: FamilyMaker) {
  return {
    leaseLeft: gauge(
      maker,
      'lease_left_seconds',
      'How much longer this process may start work without another answer of the broker',
    ),
    redeliveries: counter(maker, 'redeliveries', 'Messages that came again'),
    duplicates: counter(maker, 'duplicates', 'Messages taken as one with another that was here'),
    renewals: counter(maker, 'renewals', 'Messages published again as they had waited for long'),
    nacks: counter(maker, 'refused_publishes', 'Publishes that the broker refused or gave back'),
    reopens: counter(
      maker,
      'channel_reopens',
      'Channels for publishing opened in place of one that refused',
    ),
    yields: counter(maker, 'yields', 'Partitions given up for another process to take over'),
  };
}

function partitionsOf(maker: FamilyMaker) {
  const labels = [...ofQueue, 'partition'] as const;
  return {
    owned: maker.gauge({
      name: 'kubeloop_shared_queue_partition_owned',
      help: 'Whether this process owns the partition: 1 when it does, 0 when it does not',
      labels,
    }),
    windowFill: maker.gauge({
      name: 'kubeloop_shared_queue_partition_messages',
      help: 'Messages of the partition that this process holds and has not acknowledged',
      labels,
    }),
  };
}

function redisOf(maker: FamilyMaker) {
  return {
    queued: gauge(maker, 'queued_keys', 'Keys that wait at the server, as it told this process'),
    expiries: counter(
      maker,
      'lease_expiries',
      'Keys put back by this process as the lease of their owner had ended',
    ),
    resends: counter(maker, 'resends', 'Calls sent again as the connection was lost meanwhile'),
  };
}

function gauge(maker: FamilyMaker, name: string, help: string): Numbers<QueueLabel> {
  return maker.gauge({ name: `kubeloop_shared_queue_${name}`, help, labels: ofQueue });
}

function counter(maker: FamilyMaker, name: string, help: string): Numbers<QueueLabel> {
  return maker.counter({ name: `kubeloop_shared_queue_${name}_total`, help, labels: ofQueue });
}

/** The series of one queue in each of these families. */
function seriesOf<Name extends string>(
  families: Readonly<Record<Name, Numbers<QueueLabel>>>,
  labels: QueueLabels,
): Record<Name, NumberSeries> {
  const all = Object.entries<Numbers<QueueLabel>>(families);
  // Each family has its series, under its own name.
  return Object.fromEntries(all.map(([name, family]) => [name, family.series(labels)])) as Record<
    Name,
    NumberSeries
  >;
}

/** A queue tells of each partition four times per heartbeat, so their series are kept. */
function partitionsIn(
  family: Numbers<QueueLabel | 'partition'>,
  labels: QueueLabels,
): { set(partition: number, value: number): void } {
  const known = new Map<number, NumberSeries>();
  return {
    set(partition, value) {
      let series = known.get(partition);
      if (!series) {
        series = family.series({ ...labels, partition: String(partition) });
        known.set(partition, series);
      }
      series.set(value);
    },
  };
}
