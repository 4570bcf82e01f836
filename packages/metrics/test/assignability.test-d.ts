import type { RequestMetrics } from '@kubeloop/client';
import type {
  ControllerMetrics,
  ControllerMetricsProvider,
  ManagerMetrics,
  Runnable,
} from '@kubeloop/controller';
import type { InformerMetrics, SharedInformerFactoryOptions } from '@kubeloop/informer';
import type { LeaderElectionMetrics } from '@kubeloop/leader-election';
import type { ListReason as ReflectorListReason, ReflectorMetrics } from '@kubeloop/reflector';
import type { QueueMetrics, QueueMetricsProvider } from '@kubeloop/workqueue';
import { expectTypeOf, test } from 'vitest';
import type { AmqpQueueInstruments, AmqpQueueMetrics } from '@kubeloop/workqueue-amqp';
import type { RedisQueueInstruments, RedisQueueMetrics } from '@kubeloop/workqueue-redis';
import type {
  AmqpInstruments,
  ControllerInstruments,
  InformerInstruments,
  KubeloopMetrics,
  LeaderElectionInstruments,
  ListReason,
  MetricsServer,
  QueueInstruments,
  RedisInstruments,
  ReflectorInstruments,
  RequestInstruments,
} from '../src/index.ts';

test('one object fits the option metrics of a manager, and of queues and controllers', () => {
  expectTypeOf<KubeloopMetrics>().toExtend<ManagerMetrics>();
  expectTypeOf<KubeloopMetrics>().toExtend<QueueMetricsProvider>();
  expectTypeOf<KubeloopMetrics>().toExtend<ControllerMetricsProvider>();
});

test('one object fits the option metrics of shared queues', () => {
  expectTypeOf<KubeloopMetrics>().toExtend<AmqpQueueMetrics>();
  expectTypeOf<KubeloopMetrics>().toExtend<RedisQueueMetrics>();
});

test('its members fit clients and electors', () => {
  expectTypeOf<KubeloopMetrics['requests']>().toExtend<RequestMetrics>();
  expectTypeOf<KubeloopMetrics['leaderElection']>().toExtend<LeaderElectionMetrics>();
});

test('its methods fit the options of a factory of informers', () => {
  type Options = Required<SharedInformerFactoryOptions>;
  expectTypeOf<KubeloopMetrics['forInformer']>().toExtend<Options['metricsFor']>();
  expectTypeOf<KubeloopMetrics['forReflector']>().toExtend<Options['reflectorMetricsFor']>();
});

test('the server is something that a manager runs', () => {
  expectTypeOf<MetricsServer>().toExtend<Runnable>();
});

test('the instruments have every member that is told anything', () => {
  expectTypeOf<QueueInstruments>().toExtend<QueueMetrics>();
  expectTypeOf<ControllerInstruments>().toExtend<Required<ControllerMetrics>>();
  expectTypeOf<ReflectorInstruments>().toExtend<Required<ReflectorMetrics>>();
  expectTypeOf<RequestInstruments>().toExtend<Required<RequestMetrics>>();
  expectTypeOf<LeaderElectionInstruments>().toExtend<LeaderElectionMetrics>();
});

test('the instruments of shared queues have what these tell, and nothing else', () => {
  expectTypeOf<AmqpInstruments>().toExtend<AmqpQueueInstruments>();
  expectTypeOf<RedisInstruments>().toExtend<RedisQueueInstruments>();
  expectTypeOf<keyof AmqpInstruments>().toEqualTypeOf<keyof AmqpQueueInstruments>();
  expectTypeOf<keyof RedisInstruments>().toEqualTypeOf<keyof RedisQueueInstruments>();
});

test('the instruments of informers have every member but those that are read instead', () => {
  type Read = 'handlerBacklog' | 'handlerErrors';
  expectTypeOf<InformerInstruments>().toExtend<Required<Omit<InformerMetrics, Read>>>();
});

test('the reasons of lists are those of the reflector', () => {
  expectTypeOf<ListReason>().toEqualTypeOf<ReflectorListReason>();
});
