import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { BusyOperator } from './support/busy-operator.ts';
import { queriesOf, readDashboard } from './support/dashboard.ts';
import {
  complaintsAbout,
  missingPrometheus,
  Prometheus,
  type Series,
} from './support/prometheus.ts';

const missing = missingPrometheus();
const isRequired = process.env['KUBELOOP_REQUIRE_CONTROL_PLANE'] === '1';

/** Skips, or fails in a run that must leave nothing out. */
function needPrometheus(context: TestContext): void {
  if (missing === undefined) return;
  if (isRequired) throw new Error(missing);
  context.skip(missing);
}

const dashboard = await readDashboard();
let operator: BusyOperator;
let prometheus: Prometheus;

beforeAll(async () => {
  if (missing !== undefined) return;
  operator = await BusyOperator.start();
  prometheus = await Prometheus.start(operator.target);
});

afterAll(async () => {
  if (missing !== undefined) return;
  await prometheus[Symbol.asyncDispose]();
  await operator[Symbol.asyncDispose]();
});

/** Asks until there is an answer, while the operator works. */
async function answerTo(query: string): Promise<readonly Series[]> {
  for (const endMs = Date.now() + 20_000; Date.now() < endMs;) {
    // Each question waits for the one before.
    // oxlint-disable-next-line no-await-in-loop
    const found = await prometheus.query(query);
    if (found.length > 0) return found;
    // oxlint-disable-next-line no-await-in-loop
    await operator.work();
    // Prometheus reads once a second.
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(
    `Prometheus finds nothing for "${query}"; reading the target: ${await prometheus.lastError()}`,
  );
}

/** What happens to the operator, each of which must be counted. */
const counted = [
  'controller_runtime_reconcile_total{result="success"}',
  'controller_runtime_reconcile_total{result="requeue_after"}',
  'controller_runtime_reconcile_errors_total',
  'controller_runtime_terminal_reconcile_errors_total',
  'controller_runtime_reconcile_timeouts_total',
  'controller_runtime_reconcile_time_seconds_count',
  'controller_runtime_max_concurrent_reconciles',
  'kubeloop_controller_event_to_reconcile_seconds_count',
  'kubeloop_controller_consistency_wait_seconds_count',
  'workqueue_adds_total',
  'workqueue_retries_total',
  'workqueue_queue_duration_seconds_count',
  'workqueue_work_duration_seconds_count',
  'informer_processing_latency_seconds_count',
  'informer_store_resource_version',
  'kubeloop_informer_synced',
  'kubeloop_informer_cache_objects',
  'kubeloop_informer_cache_bytes',
  'kubeloop_informer_handler_errors_total{handler="failing"}',
  'reflector_lists_total',
  'reflector_items_per_list_sum',
  'reflector_watches_total',
  'reflector_watch_duration_seconds_count',
  'reflector_items_per_watch_sum',
  'reflector_last_resource_version',
  'kubeloop_reflector_relists_total{reason="expired"}',
  'kubeloop_reflector_watch_idle_seconds_count',
  'rest_client_requests_total{code="200",method="GET"}',
  'rest_client_requests_total{code="201",method="POST"}',
  'rest_client_requests_total{code="429"}',
  'rest_client_request_retries_total{code="200",verb="GET"}',
  'rest_client_request_duration_seconds_sum',
  'rest_client_rate_limiter_duration_seconds_count',
  'leader_election_master_status{name="busy"}',
  'kubeloop_shared_queue_outbox{backend="amqp"}',
  'kubeloop_shared_queue_stale_runs_total{backend="amqp"}',
  'kubeloop_shared_queue_disconnects_total{backend="amqp"}',
  'kubeloop_shared_queue_parked_keys_total{backend="amqp"}',
  'kubeloop_shared_queue_outbox{backend="redis"}',
  'kubeloop_shared_queue_stale_runs_total{backend="redis"}',
  'kubeloop_shared_queue_disconnects_total{backend="redis"}',
  'kubeloop_shared_queue_parked_keys_total{backend="redis"}',
  'kubeloop_shared_queue_partition_owned{partition="3"}',
  'kubeloop_shared_queue_partition_messages{partition="3"}',
  'kubeloop_shared_queue_lease_left_seconds',
  'kubeloop_shared_queue_redeliveries_total',
  'kubeloop_shared_queue_duplicates_total',
  'kubeloop_shared_queue_renewals_total',
  'kubeloop_shared_queue_refused_publishes_total',
  'kubeloop_shared_queue_channel_reopens_total',
  'kubeloop_shared_queue_yields_total',
  'kubeloop_shared_queue_queued_keys',
  'kubeloop_shared_queue_lease_expiries_total',
  'kubeloop_shared_queue_resends_total',
];

describe('a Prometheus that reads the metrics of an operator', () => {
  test('can read them', async (context) => {
    needPrometheus(context);

    await answerTo('up == 1');

    expect(await prometheus.lastError()).toBe('');
  });

  test('has nothing to say against them as text', async (context) => {
    needPrometheus(context);
    const answer = await fetch(`http://${operator.target}/metrics`);

    expect(complaintsAbout(await answer.text())).toBe('');
  });

  test.for(queriesOf(dashboard))(
    'finds what the dashboard asks for: $panel, $expr',
    async ({ query }, context) => {
      needPrometheus(context);

      await expect(answerTo(query)).resolves.not.toEqual([]);
    },
  );

  test.for(counted)('finds what has happened: %s', async (series, context) => {
    needPrometheus(context);

    await expect(answerTo(`${series} > 0`)).resolves.not.toEqual([]);
  });
});
