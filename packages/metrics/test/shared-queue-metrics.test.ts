import { describe, expect, test } from 'vitest';
import { Rig } from '../../workqueue-amqp/test/open-fake.ts';
import { KubeloopMetrics } from '../src/index.ts';
import { samplesFrom } from './support/samples.ts';
import { tellSharedQueues } from './support/shared-queues.ts';

const prefix = 'kubeloop_shared_queue_';

/** The samples of shared queues, without their prefix. */
async function samplesIn({ registry }: KubeloopMetrics): Promise<Record<string, number>> {
  const samples = await samplesFrom(registry, prefix);
  return Object.fromEntries(
    Object.entries(samples).map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

describe('the metrics of a shared queue', () => {
  test('are there at zero as soon as a queue on RabbitMQ is, but for partitions', async () => {
    const metrics = new KubeloopMetrics();
    metrics.amqp('web');

    expect(await samplesIn(metrics)).toEqual({
      'outbox{name="web",backend="amqp"}': 0,
      'stale_runs_total{name="web",backend="amqp"}': 0,
      'disconnects_total{name="web",backend="amqp"}': 0,
      'parked_keys_total{name="web",backend="amqp"}': 0,
      'lease_left_seconds{name="web",backend="amqp"}': 0,
      'redeliveries_total{name="web",backend="amqp"}': 0,
      'duplicates_total{name="web",backend="amqp"}': 0,
      'renewals_total{name="web",backend="amqp"}': 0,
      'refused_publishes_total{name="web",backend="amqp"}': 0,
      'channel_reopens_total{name="web",backend="amqp"}': 0,
      'yields_total{name="web",backend="amqp"}': 0,
    });
  });

  test('are there at zero as soon as a queue on Redis is', async () => {
    const metrics = new KubeloopMetrics();
    metrics.redis('web');

    expect(await samplesIn(metrics)).toEqual({
      'outbox{name="web",backend="redis"}': 0,
      'stale_runs_total{name="web",backend="redis"}': 0,
      'disconnects_total{name="web",backend="redis"}': 0,
      'parked_keys_total{name="web",backend="redis"}': 0,
      'queued_keys{name="web",backend="redis"}': 0,
      'lease_expiries_total{name="web",backend="redis"}': 0,
      'resends_total{name="web",backend="redis"}': 0,
    });
  });

  test('tell a queue on RabbitMQ from one of the same name on Redis, in the same families', async () => {
    const metrics = new KubeloopMetrics();
    metrics.amqp('web').outbox.set(3);
    metrics.amqp('web').staleRuns.inc();
    metrics.redis('web').outbox.set(4);

    expect(await samplesIn(metrics)).toMatchObject({
      'outbox{name="web",backend="amqp"}': 3,
      'outbox{name="web",backend="redis"}': 4,
      'stale_runs_total{name="web",backend="amqp"}': 1,
      'stale_runs_total{name="web",backend="redis"}': 0,
    });
  });

  test('have a series of each instrument, and count each in its own', async () => {
    const metrics = new KubeloopMetrics();
    tellSharedQueues(metrics);
    tellSharedQueues(metrics);

    const both = {
      outbox: 2,
      stale_runs_total: 2,
      disconnects_total: 2,
      parked_keys_total: 2,
    };
    const onAmqp = {
      lease_left_seconds: 18.5,
      redeliveries_total: 2,
      duplicates_total: 2,
      renewals_total: 2,
      refused_publishes_total: 2,
      channel_reopens_total: 2,
      yields_total: 2,
    };
    const onRedis = { queued_keys: 7, lease_expiries_total: 2, resends_total: 2 };
    const labelled = (backend: string, values: Readonly<Record<string, number>>) =>
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          `${name}{name="busy",backend="${backend}"}`,
          value,
        ]),
      );
    const samples = Object.entries(await samplesIn(metrics));
    const withoutPartitions = samples.filter(([name]) => !name.startsWith('partition'));
    expect(Object.fromEntries(withoutPartitions)).toEqual({
      ...labelled('amqp', { ...both, ...onAmqp }),
      ...labelled('redis', { ...both, ...onRedis }),
    });
  });

  test('count each event for itself', async () => {
    const events = [
      ['staleRuns', 'stale_runs_total'],
      ['disconnects', 'disconnects_total'],
      ['parked', 'parked_keys_total'],
      ['redeliveries', 'redeliveries_total'],
      ['duplicates', 'duplicates_total'],
      ['renewals', 'renewals_total'],
      ['nacks', 'refused_publishes_total'],
      ['reopens', 'channel_reopens_total'],
      ['yields', 'yields_total'],
    ] as const;
    const counted = events.map(async ([event]) => {
      const metrics = new KubeloopMetrics();
      metrics.amqp('web')[event].inc();
      const samples = Object.entries(await samplesIn(metrics));
      return samples.filter(([, value]) => value > 0).map(([name]) => name.split('{')[0]);
    });

    expect(await Promise.all(counted)).toEqual(events.map(([, name]) => [name]));
  });

  test('have a series of each partition from when it is told of first', async () => {
    const metrics = new KubeloopMetrics();
    const { owned, windowFill } = metrics.amqp('web');
    owned.set(0, 1);
    owned.set(15, 1);
    owned.set(15, 0);
    windowFill.set(0, 60_000);

    expect(await samplesIn(metrics)).toMatchObject({
      'partition_owned{name="web",backend="amqp",partition="0"}': 1,
      'partition_owned{name="web",backend="amqp",partition="15"}': 0,
      'partition_messages{name="web",backend="amqp",partition="0"}': 60_000,
    });
  });
});

describe('a queue on RabbitMQ', () => {
  test('is counted as every queue, and as a shared one', async () => {
    const rig = new Rig();
    const metrics = new KubeloopMetrics();
    const engine = await rig.open({ metrics });
    await rig.join(engine);
    await engine.add('a');
    await engine.add('a');
    await rig.take(engine);
    await rig.pass(1000);
    const atWork = await samplesIn(metrics);
    rig.broker.cut();
    await rig.pass(1000);
    const afterCut = await samplesIn(metrics);

    expect(atWork).toMatchObject({
      'duplicates_total{name="pods",backend="amqp"}': 1,
      'disconnects_total{name="pods",backend="amqp"}': 0,
      'partition_owned{name="pods",backend="amqp",partition="3"}': 1,
    });
    expect(atWork['lease_left_seconds{name="pods",backend="amqp"}']).toBeGreaterThan(2.9);
    expect(afterCut).toMatchObject({
      'disconnects_total{name="pods",backend="amqp"}': 2,
      'stale_runs_total{name="pods",backend="amqp"}': 1,
    });
    expect(await samplesFrom(metrics.registry, 'workqueue_queue_duration')).toMatchObject({
      'workqueue_queue_duration_seconds_count{name="pods",controller="pods"}': 1,
    });
    expect(rig.errors.filter((error) => error.startsWith('metrics'))).toEqual([]);
    await engine.close();
  });
});
