import { describe, expect, test } from 'vitest';
import { type InformerView, KubeloopMetrics } from '../src/index.ts';
import { samplesFrom, samplesOf } from './support/samples.ts';

const deployments = { group: 'apps', version: 'v1', plural: 'deployments' };
const labels = 'name="deployments.apps",group="apps",version="v1",resource="deployments"';

const informer = (handlers: [name: string, backlog: number, errors: number][]): InformerView => ({
  describe: () => ({
    hasSynced: true,
    objects: 12,
    handlers: handlers.map(([name, backlog, errors]) => ({ name, backlog, errors })),
  }),
  estimateCacheBytes: () => 3456,
});

describe('the metrics of an informer', () => {
  test('are there at zero as soon as the informer is', async () => {
    const metrics = new KubeloopMetrics();
    metrics.forInformer('deployments.apps', '', deployments);

    expect(await samplesFrom(metrics.registry, 'informer_')).toEqual({
      [`informer_queued_items{${labels}}`]: 0,
      [`informer_processing_latency_seconds_sum{${labels}}`]: 0,
      [`informer_processing_latency_seconds_count{${labels}}`]: 0,
      [`informer_store_resource_version{${labels}}`]: 0,
    });
  });

  test('count what the informer tells', async () => {
    const metrics = new KubeloopMetrics();
    const told = metrics.forInformer('deployments.apps', '', deployments);
    told.queuedItems(7);
    told.processingLatency(0.2);
    told.storeResourceVersion('1234567890123456789');

    expect(await samplesFrom(metrics.registry, 'informer_')).toMatchObject({
      [`informer_queued_items{${labels}}`]: 7,
      [`informer_processing_latency_seconds_sum{${labels}}`]: 0.2,
      [`informer_store_resource_version{${labels}}`]: 567890123456789,
    });
  });

  test('a version that is no number changes nothing', async () => {
    const metrics = new KubeloopMetrics();
    const told = metrics.forInformer('deployments.apps', '', deployments);
    told.storeResourceVersion('5');
    told.storeResourceVersion('');
    told.storeResourceVersion('abc');

    const samples = await samplesOf(metrics.registry);
    expect(samples.get(`informer_store_resource_version{${labels}}`)).toBe(5);
  });

  test('show what the informer is when they are read, and add up handlers of one name', async () => {
    const metrics = new KubeloopMetrics();
    const told = metrics.forInformer('deployments.apps', '', deployments);
    const handlers: [string, number, number][] = [
      ['web', 3, 1],
      ['web', 4, 1],
      ['gone', 1, 1],
    ];
    told.measure(informer(handlers));
    const before = await samplesFrom(metrics.registry, 'kubeloop_informer_');
    handlers.pop();

    const after = await samplesFrom(metrics.registry, 'kubeloop_informer_');
    expect(before).toHaveProperty([`kubeloop_informer_handler_backlog{${labels},handler="gone"}`]);
    expect(after).toEqual({
      [`kubeloop_informer_synced{${labels}}`]: 1,
      [`kubeloop_informer_cache_objects{${labels}}`]: 12,
      [`kubeloop_informer_cache_bytes{${labels}}`]: 3456,
      [`kubeloop_informer_handler_backlog{${labels},handler="web"}`]: 7,
      [`kubeloop_informer_handler_errors_total{${labels},handler="web"}`]: 2,
    });
  });

  test('are removed when the informer is released, with those of its lists and watches', async () => {
    const metrics = new KubeloopMetrics();
    const told = metrics.forInformer('deployments.apps', 'east', deployments);
    const lists = metrics.forReflector('deployments.apps', 'east');
    told.measure(informer([['web', 1, 1]]));
    lists.listed({ reason: 'expired', items: 1, durationMs: 1 });
    told.released();
    told.queuedItems(1);
    told.processingLatency(1);
    lists.watchOpened();

    expect([...(await samplesOf(metrics.registry)).keys()]).toEqual([]);
  });

  test('of two informers of one name are those of the first, until that is released', async () => {
    const metrics = new KubeloopMetrics();
    const first = metrics.forInformer('deployments.apps', '', deployments);
    const second = metrics.forInformer('deployments.apps', '', deployments);
    first.queuedItems(1);
    second.queuedItems(2);
    second.processingLatency(2);
    second.measure(informer([]));
    second.released();
    const withBoth = await samplesFrom(metrics.registry, '');
    first.released();
    metrics.forInformer('deployments.apps', '', deployments).queuedItems(3);

    expect(withBoth).toEqual({
      [`informer_queued_items{${labels}}`]: 1,
      [`informer_processing_latency_seconds_sum{${labels}}`]: 0,
      [`informer_processing_latency_seconds_count{${labels}}`]: 0,
      [`informer_store_resource_version{${labels}}`]: 0,
    });
    expect(await samplesFrom(metrics.registry, 'informer_queued')).toEqual({
      [`informer_queued_items{${labels}}`]: 3,
    });
  });

  test('of two clusters are told apart by the name', async () => {
    const metrics = new KubeloopMetrics();
    metrics.forInformer('pods', 'east', { group: '', version: 'v1', plural: 'pods' });
    metrics.forInformer('pods', 'west', { group: '', version: 'v1', plural: 'pods' });

    expect(Object.keys(await samplesFrom(metrics.registry, 'informer_queued'))).toEqual([
      'informer_queued_items{name="east/pods",group="",version="v1",resource="pods"}',
      'informer_queued_items{name="west/pods",group="",version="v1",resource="pods"}',
    ]);
  });
});
