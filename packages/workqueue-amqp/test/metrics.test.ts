import { describe, expect, test } from 'vitest';
import type { QueueMetrics } from '@kubeloop/workqueue';
import type { AmqpQueueInstruments, AmqpQueueMetrics } from '../src/metrics.ts';
import { Rig } from './open-fake.ts';

/** Instruments that remember. */
class Recorder implements AmqpQueueMetrics {
  readonly counts: Record<string, number> = {};
  readonly values: Record<string, number> = {};
  readonly names: string[] = [];

  amqp(name: string): AmqpQueueInstruments {
    const counter = (counted: string) => ({
      inc: () => (this.counts[counted] = (this.counts[counted] ?? 0) + 1),
    });
    const gauge = (set: string) => ({ set: (value: number) => (this.values[set] = value) });
    const partitions = (set: string) => ({
      set: (partition: number, value: number) => (this.values[`${set}-${partition}`] = value),
    });
    this.names.push(name);
    return {
      owned: partitions('owned'),
      windowFill: partitions('windowFill'),
      outbox: gauge('outbox'),
      leaseLeft: gauge('leaseLeft'),
      redeliveries: counter('redeliveries'),
      duplicates: counter('duplicates'),
      renewals: counter('renewals'),
      staleRuns: counter('staleRuns'),
      nacks: counter('nacks'),
      reopens: counter('reopens'),
      disconnects: counter('disconnects'),
      yields: counter('yields'),
      parked: counter('parked'),
    };
  }
}

/** Instruments that every queue has, of which those that count remember. */
class QueueRecorder extends Recorder {
  queue(): QueueMetrics {
    const counter = (counted: string) => ({
      inc: () => void (this.counts[counted] = (this.counts[counted] ?? 0) + 1),
    });
    const nothing = {
      inc: () => undefined,
      dec: () => undefined,
      observe: () => undefined,
      set: () => undefined,
    };
    return {
      depth: nothing,
      adds: counter('adds'),
      retries: counter('retries'),
      queueDuration: nothing,
      workDuration: nothing,
      unfinishedWork: nothing,
      longestRunningProcessor: nothing,
    };
  }
}

describe('the metrics that every queue has', () => {
  test('count every addition with a delay where it is made, short or long', async () => {
    const rig = new Rig();
    const metrics = new QueueRecorder();
    const engine = await rig.open({ metrics });
    await engine.add('a');
    await rig.take(engine);

    await engine.add('a', { rateLimited: true });
    engine.done('a');
    await engine.add('b', { afterMs: 500 });
    await engine.add('c', { afterMs: 5000 });
    await rig.pass(1000);

    expect(metrics.counts['retries']).toBe(3);
  });

  test('count no key as a retry that is held back for a take-over', async () => {
    const rig = new Rig();
    const options = { takeoverGraceMs: 2000, partitions: 1 };
    const ended = await rig.open(options);
    await ended.add('a');
    await rig.take(ended);
    const metrics = new QueueRecorder();
    const engine = await rig.open({ ...options, metrics });
    await rig.join(engine);
    rig.broker.cut(...[...rig.broker.connections].slice(0, 2));
    await rig.settle();
    void ended.close();
    await rig.pass(10_000);

    expect(await rig.take(engine)).toBe('a');
    expect(metrics.counts).toMatchObject({ redeliveries: 1, adds: 1 });
    expect(metrics.counts['retries']).toBeUndefined();
  });

  test('do not stop an addition when they throw', async () => {
    const rig = new Rig();
    const metrics = new QueueRecorder();
    const broken = (): never => {
      throw new Error('broken');
    };
    const provider = {
      amqp: () => metrics.amqp('pods'),
      queue: () => ({ ...metrics.queue(), retries: { inc: broken } }),
    };
    const engine = await rig.open({ metrics: provider });

    await engine.add('a', { afterMs: 500 });

    expect(rig.errors).toEqual(['metrics: Error: broken']);
  });
});

describe('the metrics', () => {
  test('tell of duplicates, and what is held and owned', async () => {
    const rig = new Rig();
    const metrics = new Recorder();
    const engine = await rig.open({ metrics });
    await rig.join(engine);
    await engine.add('a');
    await engine.add('a');
    await rig.pass(1000);

    expect(metrics.names).toEqual(['pods']);
    expect(metrics.counts).toEqual({ duplicates: 1 });
    const fills = [0, 1, 2, 3].map((index) => metrics.values[`windowFill-${index}`]);
    expect(fills.toSorted((a = 0, b = 0) => a - b)).toEqual([0, 0, 0, 1]);
    expect(metrics.values).toMatchObject({ 'owned-0': 1, 'owned-3': 1, outbox: 0 });
    expect(metrics.values['leaseLeft']).toBeGreaterThan(2.9);
  });

  test('tell of nothing that is owned once the queue is closed', async () => {
    const rig = new Rig();
    const metrics = new Recorder();
    const engine = await rig.open({ metrics });
    await rig.join(engine);
    await engine.add('a');
    await rig.pass(1000);

    const closed = engine.close();
    await rig.pass(1000);
    await closed;

    expect(metrics.values['leaseLeft']).toBe(0);
    for (const index of [0, 1, 2, 3])
      expect(metrics.values).toMatchObject({ [`owned-${index}`]: 0, [`windowFill-${index}`]: 0 });
  });

  test('tell what a process that only adds cannot get rid of', async () => {
    const rig = new Rig();
    const metrics = new Recorder();
    const producer = await rig.open({ metrics });
    rig.broker.isMute = true;
    void producer.add('a');
    void producer.add('b');

    await rig.pass(1000);

    expect(metrics.values).toMatchObject({ outbox: 2, leaseLeft: 0 });
  });

  test('tell of a cut, what came again, and what became stale', async () => {
    const rig = new Rig();
    const metrics = new Recorder();
    const engine = await rig.open({ metrics });
    await engine.add('a');
    await rig.take(engine);

    rig.broker.cut();
    await rig.pass(1000);

    expect(metrics.counts).toEqual({ disconnects: 2, redeliveries: 1, staleRuns: 1 });
  });

  test('tell of refused messages and fresh channels', async () => {
    const rig = new Rig();
    rig.broker.refuses = true;
    const metrics = new Recorder();
    const engine = await rig.open({ metrics });
    void engine.add('a');
    await rig.settle();
    rig.broker.refuses = false;
    await rig.pass(100);

    expect(metrics.counts).toEqual({ nacks: 1, reopens: 1 });
  });

  test('tell of renewals, of keys that were given up, and of partitions that went to others', async () => {
    const rig = new Rig();
    const metrics = new Recorder();
    const engine = await rig.open({ metrics, ackTimeoutMs: 10_000, maxRetries: 0 });
    await engine.add('a');
    await rig.take(engine);
    await rig.pass(6000);
    await engine.add('a', { rateLimited: true });
    engine.done('a');
    const other = await rig.open();
    await rig.join(other);
    await rig.pass(1000);

    expect(metrics.counts).toEqual({ renewals: 1, parked: 1, yields: 2 });
  });

  test('tell what every queue tells, where there is somebody to hear it', async () => {
    const rig = new Rig();
    const recorder = new Recorder();
    const named: string[] = [];
    const quiet = { inc: () => {}, dec: () => {}, observe: () => {}, set: () => {} };
    const metrics: AmqpQueueMetrics = {
      amqp: (name) => recorder.amqp(name),
      queue: (name) => {
        named.push(name);
        return {
          depth: quiet,
          adds: quiet,
          retries: quiet,
          queueDuration: quiet,
          workDuration: quiet,
          unfinishedWork: quiet,
          longestRunningProcessor: quiet,
        };
      },
    };

    const engine = await rig.open({ metrics });

    expect(named).toEqual(['pods']);
    await engine.close();
  });

  test('that throw are reported, and stop nothing', async () => {
    const rig = new Rig();
    const metrics = new Recorder();
    const instruments = metrics.amqp('pods');
    const broken: AmqpQueueMetrics = {
      amqp: () => ({
        ...instruments,
        duplicates: {
          inc: () => {
            throw new Error('broken');
          },
        },
      }),
    };
    const engine = await rig.open({ metrics: broken });
    await rig.join(engine);
    await engine.add('a');
    await engine.add('a');

    expect(await rig.take(engine)).toBe('a');
    expect(rig.errors).toContain('metrics: Error: broken');
  });
});

describe('onError', () => {
  test('that throws stops nothing', async () => {
    const rig = new Rig();
    const engine = await rig.open({
      onError: () => {
        throw new Error('broken');
      },
    });
    rig.broker.cut();
    await rig.pass(1000);
    await engine.add('a');

    expect(await rig.take(engine)).toBe('a');
  });
});
