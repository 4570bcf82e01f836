import { describe, expect, test } from 'vitest';
import { KubeloopMetrics } from '../src/index.ts';
import { samplesFrom } from './support/samples.ts';

describe('the metrics of a controller', () => {
  test('are all there at zero as soon as the controller is', async () => {
    const metrics = new KubeloopMetrics();
    metrics.forController('web');

    expect(await samplesFrom(metrics.registry, 'controller_runtime_')).toEqual({
      'controller_runtime_reconcile_total{controller="web",result="error"}': 0,
      'controller_runtime_reconcile_total{controller="web",result="requeue_after"}': 0,
      'controller_runtime_reconcile_total{controller="web",result="requeue"}': 0,
      'controller_runtime_reconcile_total{controller="web",result="success"}': 0,
      'controller_runtime_reconcile_errors_total{controller="web"}': 0,
      'controller_runtime_terminal_reconcile_errors_total{controller="web"}': 0,
      'controller_runtime_reconcile_panics_total{controller="web"}': 0,
      'controller_runtime_reconcile_timeouts_total{controller="web"}': 0,
      'controller_runtime_reconcile_time_seconds_sum{controller="web"}': 0,
      'controller_runtime_reconcile_time_seconds_count{controller="web"}': 0,
      'controller_runtime_max_concurrent_reconciles{controller="web"}': 0,
      'controller_runtime_active_workers{controller="web"}': 0,
    });
  });

  test('count what the controller tells, in seconds', async () => {
    const metrics = new KubeloopMetrics();
    const told = metrics.forController('web');
    told.maxConcurrentReconciles(4);
    told.activeWorkers(3);
    told.reconciled('requeue_after', 1500);
    told.reconcileFailed(true);
    told.reconcileFailed(false);
    told.reconcileTimedOut();
    told.reconcileTakenBack();
    told.eventToReconcile(250);
    told.consistencyWaited(5000, true);
    told.consistencyWaited(1000, false);

    const samples = {
      ...(await samplesFrom(metrics.registry, 'controller_runtime_')),
      ...(await samplesFrom(metrics.registry, 'kubeloop_controller_')),
    };
    expect(samples).toMatchObject({
      'controller_runtime_reconcile_total{controller="web",result="requeue_after"}': 1,
      'controller_runtime_reconcile_errors_total{controller="web"}': 2,
      'controller_runtime_terminal_reconcile_errors_total{controller="web"}': 1,
      'controller_runtime_reconcile_timeouts_total{controller="web"}': 1,
      'controller_runtime_reconcile_time_seconds_sum{controller="web"}': 1.5,
      'controller_runtime_max_concurrent_reconciles{controller="web"}': 4,
      'controller_runtime_active_workers{controller="web"}': 3,
      'kubeloop_controller_event_to_reconcile_seconds_sum{controller="web"}': 0.25,
      'kubeloop_controller_consistency_wait_seconds_sum{controller="web"}': 6,
      'kubeloop_controller_consistency_timeouts_total{controller="web"}': 1,
      'kubeloop_controller_reconciles_taken_back_total{controller="web"}': 1,
    });
  });

  test('of two controllers are apart', async () => {
    const metrics = new KubeloopMetrics();
    metrics.forController('web').reconciled('success', 1);
    metrics.forController('db').reconciled('success', 1);

    expect(await samplesFrom(metrics.registry, 'controller_runtime_reconcile_total')).toMatchObject(
      {
        'controller_runtime_reconcile_total{controller="web",result="success"}': 1,
        'controller_runtime_reconcile_total{controller="db",result="success"}': 1,
      },
    );
  });
});
