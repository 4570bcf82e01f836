import { array, assert, asyncProperty, constantFrom, double, oneof, record } from 'fast-check';
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { writeMetrics } from '../src/exposition.ts';
import { FamilyMaker } from '../src/family-maker.ts';

const counter = { name: 'things_total', help: 'Some\nthings', labels: ['kind', 'place'] as const };
const gauge = { name: 'level', help: 'How high', labels: ['place'] as const };
const histogram = {
  name: 'time_seconds',
  help: 'How long',
  labels: ['place'] as const,
  buckets: [0.5, 1, 2, 1e3],
};

/** What is counted in both worlds. */
interface Counts {
  add(kind: string, place: string, by: number): void;
  level(place: string, value: number): void;
  observe(place: string, value: number): void;
}

function ours(registry: Registry): Counts {
  const maker = new FamilyMaker(registry);
  const [things, level, time] = [
    maker.counter(counter),
    maker.gauge(gauge),
    maker.histogram(histogram),
  ];
  return {
    add: (kind, place, by) => things.series({ kind, place }).inc(by),
    level: (place, value) => level.series({ place }).set(value),
    observe: (place, value) => time.series({ place }).observe(value),
  };
}

function theirs(registry: Registry): Counts {
  const registers = [registry];
  const { labels, ...rest } = histogram;
  const things = new Counter({ ...counter, labelNames: counter.labels, registers });
  const level = new Gauge({ ...gauge, labelNames: gauge.labels, registers });
  const time = new Histogram({ ...rest, labelNames: labels, registers });
  return {
    add: (kind, place, by) => things.inc({ kind, place }, by),
    level: (place, value) => level.set({ place }, value),
    observe: (place, value) => time.observe({ place }, value),
  };
}

describe('what is counted', () => {
  test('is written out as the metrics of prom-client are, in both formats', async () => {
    const place = constantFrom('a', 'b"c', 'd\\e\nf', '');
    const value = oneof(
      double({ min: 0, max: 1e6, noNaN: true }),
      constantFrom(0, 0.5, 1, 2, 1000, 1e-9, 1e21),
    );
    const act = record({ what: constantFrom('add', 'level', 'observe'), place, value });
    const formats = [Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE] as const;
    await assert(
      asyncProperty(array(act, { maxLength: 40 }), async (acts) => {
        const registries = [new Registry(), new Registry()] as const;
        const both = [ours(registries[0]), theirs(registries[1])];
        for (const counts of both)
          for (const { what, place: where, value: much } of acts)
            if (what === 'add') counts.add('k', where, much);
            else if (what === 'level') counts.level(where, much);
            else counts.observe(where, much);

        for (const format of formats) {
          // Formats one after the other.
          // oxlint-disable-next-line no-await-in-loop
          const [own, expected] = await Promise.all(
            registries.map(async (registry) => writeMetrics(registry, format)),
          );
          expect(own).toBe(expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('can be added up over the processes of a cluster of Node', async () => {
    const registries = [new Registry(), new Registry()];
    for (const registry of registries) ours(registry).observe('a', 1.5);
    const all = await Promise.all(registries.map(async (registry) => registry.getMetricsAsJSON()));

    const text = await AggregatorRegistry.aggregate(all).metrics();

    expect(text).toContain('time_seconds_bucket{le="2",place="a"} 2');
    expect(text).toContain('time_seconds_sum{place="a"} 3');
  });

  test('starts over when the registry is reset, and goes on', async () => {
    const registry = new Registry();
    const counts = ours(registry);
    counts.add('k', 'a', 5);
    counts.observe('a', 5);
    registry.resetMetrics();
    counts.add('k', 'a', 2);

    const text = await registry.metrics();

    expect(text).toContain('things_total{kind="k",place="a"} 2');
    expect(text).toContain('time_seconds_count{place="a"} 0');
  });

  test('is written under the same names by a registry that is set to OpenMetrics', async () => {
    const registry = new Registry();
    // prom-client's type does not let a registry change its format, though this is what the method is for.
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    ours(registry).add('k', 'a', 1);

    await registry.metrics();

    expect(await registry.metrics()).toContain('# TYPE things counter\nthings_total{kind="k"');
  });
});
