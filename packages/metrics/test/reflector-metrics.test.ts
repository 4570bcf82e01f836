import { describe, expect, test } from 'vitest';
import { KubeloopMetrics } from '../src/index.ts';
import { samplesFrom, samplesOf } from './support/samples.ts';

describe('the metrics of lists and watches', () => {
  test('are there at zero from the beginning, for each reason to list again', async () => {
    const metrics = new KubeloopMetrics();
    metrics.forReflector('pods', '');

    const relists = await samplesFrom(metrics.registry, 'kubeloop_reflector_relists_total');
    expect(Object.keys(relists)).toHaveLength(8);
    expect(new Set(Object.values(await samplesFrom(metrics.registry, '')))).toEqual(new Set([0]));
  });

  test('count lists, and all but the first as lists again by their reason', async () => {
    const metrics = new KubeloopMetrics();
    const told = metrics.forReflector('pods', '');
    told.listed({ reason: 'initial', items: 10, durationMs: 500 });
    told.listed({ reason: 'expired', items: 30, durationMs: 1500 });
    told.resourceVersion('42');

    expect(await samplesFrom(metrics.registry, '')).toMatchObject({
      'reflector_lists_total{name="pods"}': 2,
      'reflector_items_per_list_sum{name="pods"}': 40,
      'reflector_list_duration_seconds_sum{name="pods"}': 2,
      'reflector_last_resource_version{name="pods"}': 42,
      'kubeloop_reflector_relists_total{name="pods",reason="expired"}': 1,
      'kubeloop_reflector_relists_total{name="pods",reason="restart"}': 0,
    });
  });

  test('count watches, how long they last and how long nothing came', async () => {
    const metrics = new KubeloopMetrics();
    const told = metrics.forReflector('pods', '');
    told.watchOpened();
    told.watchEnded({ events: 5, durationMs: 60_000, isShort: false, idleMs: 2000 });
    told.watchOpened();
    told.watchEnded({ events: 0, durationMs: 10, isShort: true, idleMs: 10 });

    expect(await samplesFrom(metrics.registry, '')).toMatchObject({
      'reflector_watches_total{name="pods"}': 2,
      'reflector_short_watches_total{name="pods"}': 1,
      'reflector_watch_duration_seconds_sum{name="pods"}': 60.01,
      'reflector_items_per_watch_sum{name="pods"}': 5,
      'kubeloop_reflector_watch_idle_seconds_count{name="pods"}': 2,
    });
  });

  test('are removed when the reflector is released, and nothing is counted any more', async () => {
    const metrics = new KubeloopMetrics();
    const told = metrics.forReflector('pods', '');
    told.released();
    told.listed({ reason: 'initial', items: 1, durationMs: 1 });
    told.watchOpened();
    told.watchEnded({ events: 1, durationMs: 1, isShort: true, idleMs: 1 });
    told.resourceVersion('1');

    expect((await samplesOf(metrics.registry)).size).toBe(0);
  });
});
