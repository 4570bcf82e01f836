import { describe, expect, test } from 'vitest';
import { KubeloopMetrics } from '../src/index.ts';
import { samplesOf } from './support/samples.ts';

interface Expected {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const counter = (...labels: string[]): Expected => ({ type: 'counter', labels });
const gauge = (...labels: string[]): Expected => ({ type: 'gauge', labels });
const histogram = (buckets: readonly number[], ...labels: string[]): Expected => ({
  type: 'histogram',
  labels,
  buckets,
});

const reconcile = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
  1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const request = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
const lookup = request.slice(0, -1);
const size = [64, 256, 512, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216];
const processing = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const tenTo = (...powers: number[]): number[] => powers.map((power) => Number(`1e${power}`));
const ofQueue12 = tenTo(-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3);
const ofQueue10 = ofQueue12.slice(0, 10);
const ofInformer = ['name', 'group', 'version', 'resource'];

/** controller-runtime's `pkg/internal/metrics/workqueue.go`. */
const queuesOfControllerRuntime: Record<string, Expected> = {
  workqueue_depth: gauge('name', 'controller', 'priority'),
  workqueue_adds_total: counter('name', 'controller'),
  workqueue_queue_duration_seconds: histogram(ofQueue12, 'name', 'controller'),
  workqueue_work_duration_seconds: histogram(ofQueue12, 'name', 'controller'),
  workqueue_unfinished_work_seconds: gauge('name', 'controller'),
  workqueue_longest_running_processor_seconds: gauge('name', 'controller'),
  workqueue_retries_total: counter('name', 'controller'),
};

/** component-base's `metrics/prometheus/workqueue`. */
const queuesOfClientGo: Record<string, Expected> = {
  workqueue_depth: gauge('name'),
  workqueue_adds_total: counter('name'),
  workqueue_queue_duration_seconds: histogram(ofQueue10, 'name'),
  workqueue_work_duration_seconds: histogram(ofQueue10, 'name'),
  workqueue_unfinished_work_seconds: gauge('name'),
  workqueue_longest_running_processor_seconds: gauge('name'),
  workqueue_retries_total: counter('name'),
};

/** KEP-4346; controller-runtime's `pkg/internal/controller/metrics` and `pkg/metrics`; component-base's `restclient`. */
const others: Record<string, Expected> = {
  informer_queued_items: gauge(...ofInformer),
  informer_processing_latency_seconds: histogram(processing, ...ofInformer),
  informer_store_resource_version: gauge(...ofInformer),
  controller_runtime_reconcile_total: counter('controller', 'result'),
  controller_runtime_reconcile_errors_total: counter('controller'),
  controller_runtime_terminal_reconcile_errors_total: counter('controller'),
  controller_runtime_reconcile_panics_total: counter('controller'),
  controller_runtime_reconcile_timeouts_total: counter('controller'),
  controller_runtime_reconcile_time_seconds: histogram(reconcile, 'controller'),
  controller_runtime_max_concurrent_reconciles: gauge('controller'),
  controller_runtime_active_workers: gauge('controller'),
  rest_client_requests_total: counter('code', 'method', 'host'),
  rest_client_request_duration_seconds: histogram(request, 'verb', 'host'),
  rest_client_request_retries_total: counter('code', 'verb', 'host'),
  rest_client_rate_limiter_duration_seconds: histogram(request, 'verb', 'host'),
  rest_client_request_size_bytes: histogram(size, 'verb', 'host'),
  rest_client_response_size_bytes: histogram(size, 'verb', 'host'),
  rest_client_dns_resolution_duration_seconds: histogram(lookup, 'host'),
  leader_election_master_status: gauge('name'),
  leader_election_slowpath_total: counter('name'),
};

/** The names of client-go's `tools/cache/reflector_metrics.go`, under which nothing is told any more there. */
const ofReflectors: Record<string, Pick<Expected, 'type' | 'labels'>> = {
  reflector_lists_total: counter('name'),
  reflector_list_duration_seconds: { type: 'histogram', labels: ['name'] },
  reflector_items_per_list: { type: 'histogram', labels: ['name'] },
  reflector_watches_total: counter('name'),
  reflector_short_watches_total: counter('name'),
  reflector_watch_duration_seconds: { type: 'histogram', labels: ['name'] },
  reflector_items_per_watch: { type: 'histogram', labels: ['name'] },
  reflector_last_resource_version: gauge('name'),
};

/** What nobody else has. */
const own: Record<string, Pick<Expected, 'type' | 'labels'>> = {
  kubeloop_controller_event_to_reconcile_seconds: { type: 'histogram', labels: ['controller'] },
  kubeloop_controller_consistency_wait_seconds: { type: 'histogram', labels: ['controller'] },
  kubeloop_controller_consistency_timeouts_total: counter('controller'),
  kubeloop_controller_reconciles_taken_back_total: counter('controller'),
  kubeloop_informer_synced: gauge(...ofInformer),
  kubeloop_informer_cache_objects: gauge(...ofInformer),
  kubeloop_informer_cache_bytes: gauge(...ofInformer),
  kubeloop_informer_handler_backlog: gauge(...ofInformer, 'handler'),
  kubeloop_informer_handler_errors_total: counter(...ofInformer, 'handler'),
  kubeloop_reflector_relists_total: counter('name', 'reason'),
  kubeloop_reflector_watch_idle_seconds: { type: 'histogram', labels: ['name'] },
};

/** Of queues that many processes share, which nobody else has either. */
const ofSharedQueues: Record<string, Pick<Expected, 'type' | 'labels'>> = {
  kubeloop_shared_queue_outbox: gauge('name', 'backend'),
  kubeloop_shared_queue_stale_runs_total: counter('name', 'backend'),
  kubeloop_shared_queue_disconnects_total: counter('name', 'backend'),
  kubeloop_shared_queue_parked_keys_total: counter('name', 'backend'),
  kubeloop_shared_queue_partition_owned: gauge('name', 'backend', 'partition'),
  kubeloop_shared_queue_partition_messages: gauge('name', 'backend', 'partition'),
  kubeloop_shared_queue_lease_left_seconds: gauge('name', 'backend'),
  kubeloop_shared_queue_redeliveries_total: counter('name', 'backend'),
  kubeloop_shared_queue_duplicates_total: counter('name', 'backend'),
  kubeloop_shared_queue_renewals_total: counter('name', 'backend'),
  kubeloop_shared_queue_refused_publishes_total: counter('name', 'backend'),
  kubeloop_shared_queue_channel_reopens_total: counter('name', 'backend'),
  kubeloop_shared_queue_yields_total: counter('name', 'backend'),
  kubeloop_shared_queue_queued_keys: gauge('name', 'backend'),
  kubeloop_shared_queue_lease_expiries_total: counter('name', 'backend'),
  kubeloop_shared_queue_resends_total: counter('name', 'backend'),
};

interface Shape {
  readonly type: unknown;
  readonly labels: readonly string[];
  readonly buckets: readonly number[] | undefined;
}

/** What a metric is, by prom-client's own word. */
function shapeOf({ registry }: KubeloopMetrics, name: string): Shape {
  const metric: unknown = registry.getSingleMetric(name);
  if (typeof metric !== 'object' || metric === null) throw new Error(`There is no metric ${name}`);
  return {
    type: Reflect.get(metric, 'type'),
    // They are what the maker of metrics puts there.
    labels: Reflect.get(metric, 'labelNames') as readonly string[],
    buckets: Reflect.get(metric, 'buckets') as number[] | undefined,
  };
}

describe('names, types, labels and buckets', () => {
  const asControllerRuntime = new KubeloopMetrics();
  const asClientGo = new KubeloopMetrics({ queueStyle: 'client-go' });

  test.each(Object.entries({ ...queuesOfControllerRuntime, ...others }))(
    '%s is that of controller-runtime and client-go',
    (name, { type, labels, buckets }) => {
      expect(shapeOf(asControllerRuntime, name)).toEqual({ type, labels, buckets });
    },
  );

  test.each(Object.entries(queuesOfClientGo))(
    '%s of a work queue can be that of client-go',
    (name, { type, labels, buckets }) => {
      expect(shapeOf(asClientGo, name)).toEqual({ type, labels, buckets });
    },
  );

  test.each(Object.entries({ ...ofReflectors, ...own, ...ofSharedQueues }))(
    '%s has its type and labels',
    (name, { type, labels }) => {
      expect(shapeOf(asControllerRuntime, name)).toMatchObject({ type, labels });
    },
  );

  test('there are no others', () => {
    const known = {
      ...queuesOfControllerRuntime,
      ...others,
      ...ofReflectors,
      ...own,
      ...ofSharedQueues,
    };

    const names = asControllerRuntime.registry.getMetricsAsArray().map(({ name }) => name);

    expect(names.toSorted()).toEqual(Object.keys(known).toSorted());
  });

  test('nothing has a series before its owner is there', async () => {
    expect([...(await samplesOf(new KubeloopMetrics().registry)).keys()]).toEqual([]);
  });
});
