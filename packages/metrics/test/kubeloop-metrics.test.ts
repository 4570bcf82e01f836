import { Counter, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import {
  KubeloopMetrics,
  type KubeloopMetricsOptions,
  type WatchedResource,
} from '../src/index.ts';
import { samplesFrom } from './support/samples.ts';

describe('the registry', () => {
  test('is a new one unless there is one given', () => {
    const registry = new Registry();

    expect(new KubeloopMetrics({ registry }).registry).toBe(registry);
    expect(new KubeloopMetrics().registry).not.toBe(new KubeloopMetrics().registry);
  });

  test('can be shared: what is counted twice is counted together', async () => {
    const registry = new Registry();
    new KubeloopMetrics({ registry }).forController('web').reconcileTimedOut();
    new KubeloopMetrics({ registry }).forController('web').reconcileTimedOut();

    expect(await samplesFrom(registry, 'controller_runtime_reconcile_timeouts')).toEqual({
      'controller_runtime_reconcile_timeouts_total{controller="web"}': 2,
    });
  });

  test('that was cleared can be counted in again, from zero', async () => {
    const registry = new Registry();
    new KubeloopMetrics({ registry }).forController('web').reconcileTimedOut();
    registry.clear();

    new KubeloopMetrics({ registry, queueStyle: 'client-go' })
      .forController('web')
      .reconcileTimedOut();

    expect(await samplesFrom(registry, 'controller_runtime_reconcile_timeouts')).toEqual({
      'controller_runtime_reconcile_timeouts_total{controller="web"}': 1,
    });
  });

  test('that has a metric of one of the names is refused, and nothing is left in it', () => {
    const registry = new Registry();
    const name = 'leader_election_slowpath_total';
    registry.registerMetric(new Counter({ name, help: 'mine', registers: [] }));

    expect(() => new KubeloopMetrics({ registry })).toThrow(
      `Cannot add metric "${name}" to the registry: it has another one of this name; use another registry`,
    );
    expect(registry.getMetricsAsArray()).toHaveLength(1);
  });

  test('that has work queues of another style is refused', () => {
    const registry = new Registry();
    const first = new KubeloopMetrics({ registry });

    expect(
      () => new KubeloopMetrics({ registry: first.registry, queueStyle: 'client-go' }),
    ).toThrow(
      'Cannot count work queues as "client-go" in this registry: it has those of "controller-runtime"; use another registry',
    );
  });
});

describe('what cannot be used is refused', () => {
  test.each([
    [null, 'Cannot count with these options: they must be an object'],
    [5, 'Cannot count with these options: they must be an object'],
    [{ registry: {} }, 'Cannot count in this registry: it must be a Registry of prom-client'],
    [
      { queueStyle: 'mine' },
      'Cannot use "mine" as queueStyle: it must be "controller-runtime" or "client-go"',
    ],
  ])('%j', (options, message) => {
    // What a program without types might give.
    const given = options as unknown as KubeloopMetricsOptions;
    expect(() => new KubeloopMetrics(given)).toThrow(new TypeError(message));
  });

  test.each([
    ['a work queue', (metrics: KubeloopMetrics) => metrics.queue('')],
    ['a shared queue', (metrics: KubeloopMetrics) => metrics.amqp('')],
    ['a shared queue', (metrics: KubeloopMetrics) => metrics.redis('')],
    ['a controller', (metrics: KubeloopMetrics) => metrics.forController('')],
    ['a reflector', (metrics: KubeloopMetrics) => metrics.forReflector('', '')],
    [
      'an informer',
      (metrics: KubeloopMetrics) =>
        metrics.forInformer('', '', { group: '', version: 'v1', plural: 'pods' }),
    ],
  ])('%s without a name', (what, count) => {
    expect(() => count(new KubeloopMetrics())).toThrow(
      new TypeError(`Cannot count ${what} without a name: the name must be text that is not empty`),
    );
  });
});

describe('an informer is refused', () => {
  const pods = { group: '', version: 'v1', plural: 'pods' };

  test.each([undefined, null, 5])('with %j as its cluster', (cluster) => {
    const metrics = new KubeloopMetrics();
    // What a program without types might give.
    const given = cluster as unknown as string;
    const message = `Cannot count "pods" in a cluster of type ${typeof cluster}: give its name, empty for none`;

    expect(() => metrics.forInformer('pods', given, pods)).toThrow(new TypeError(message));
    expect(() => metrics.forReflector('pods', given)).toThrow(new TypeError(message));
  });

  test.each([undefined, 'pods', { group: '' }])('with %j as its resource', (resource) => {
    // What a program without types might give.
    const given = resource as unknown as WatchedResource;

    expect(() => new KubeloopMetrics().forInformer('pods', '', given)).toThrow(
      new TypeError(
        'Cannot count informer "pods": its resource must have group, version and plural as text',
      ),
    );
  });
});

describe('the other members', () => {
  test('an elector leads or not, and has taken the slow path so often', async () => {
    const { registry, leaderElection } = new KubeloopMetrics();
    leaderElection.off('shop');
    const before = await samplesFrom(registry, 'leader_');
    leaderElection.on('shop');
    leaderElection.slowpathExercised('shop');

    expect(before).toEqual({
      'leader_election_master_status{name="shop"}': 0,
      'leader_election_slowpath_total{name="shop"}': 0,
    });
    expect(await samplesFrom(registry, 'leader_')).toEqual({
      'leader_election_master_status{name="shop"}': 1,
      'leader_election_slowpath_total{name="shop"}': 1,
    });
  });

  test('requests are counted by code, method and host, and their times by verb and host', async () => {
    const { registry, requests } = new KubeloopMetrics();
    const request = { method: 'GET', host: 'h:1' };
    requests.tried({ ...request, code: '429', isRetry: false });
    requests.tried({ ...request, code: '200', isRetry: true });
    requests.completed({ ...request, durationMs: 1200 });
    requests.throttled({ ...request, durationMs: 300 });

    expect(await samplesFrom(registry, 'rest_client_')).toEqual({
      'rest_client_requests_total{code="429",method="GET",host="h:1"}': 1,
      'rest_client_requests_total{code="200",method="GET",host="h:1"}': 1,
      'rest_client_request_retries_total{code="200",verb="GET",host="h:1"}': 1,
      'rest_client_request_duration_seconds_sum{verb="GET",host="h:1"}': 1.2,
      'rest_client_request_duration_seconds_count{verb="GET",host="h:1"}': 1,
      'rest_client_rate_limiter_duration_seconds_sum{verb="GET",host="h:1"}': 0.3,
      'rest_client_rate_limiter_duration_seconds_count{verb="GET",host="h:1"}': 1,
    });
  });

  test('bodies are measured in bytes by verb and host, and look-ups by name', async () => {
    const { registry, requests } = new KubeloopMetrics();
    const request = { method: 'PUT', host: 'h:1' };
    requests.sent({ ...request, bytes: 300 });
    requests.received({ ...request, bytes: 20_000_000 });
    requests.received({ ...request, bytes: 0 });
    requests.resolved({ host: 'h', durationMs: 20 });

    expect(await samplesFrom(registry, 'rest_client_')).toEqual({
      'rest_client_request_size_bytes_sum{verb="PUT",host="h:1"}': 300,
      'rest_client_request_size_bytes_count{verb="PUT",host="h:1"}': 1,
      'rest_client_response_size_bytes_sum{verb="PUT",host="h:1"}': 20_000_000,
      'rest_client_response_size_bytes_count{verb="PUT",host="h:1"}': 2,
      'rest_client_dns_resolution_duration_seconds_sum{host="h"}': 0.02,
      'rest_client_dns_resolution_duration_seconds_count{host="h"}': 1,
    });
  });
});
