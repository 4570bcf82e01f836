import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { loadKubeConfig } from '@kubeloop/client';
import { consoleLogger, Manager, setupSignalHandler } from '@kubeloop/controller';
import { LeaderElector, LeaseLock } from '@kubeloop/leader-election';
import { KubeloopMetrics, MetricsServer } from '@kubeloop/metrics';
import { cronJobController } from './controller.ts';

const { values: options } = parseArgs({
  options: {
    'health-port': { type: 'string', default: '8081' },
    'metrics-port': { type: 'string', default: '8080' },
    namespace: { type: 'string', default: 'default' }, // of the Lease
  },
});
const metrics = new KubeloopMetrics();
const manager = new Manager({
  kubeConfig: await loadKubeConfig(),
  logger: consoleLogger(),
  health: { port: Number(options['health-port']) },
  metrics,
  leaderElection: (onStartedLeading, { signal }) =>
    new LeaderElector({
      lock: new LeaseLock({
        client: manager.client,
        namespace: options.namespace,
        name: 'cron-job',
        identity: `${hostname()}_${randomUUID()}`,
      }),
      onStartedLeading,
      releaseOnCancel: true, // the next replica need not wait until the Lease has run out
      metrics: metrics.leaderElection,
    }).run({ signal }),
});
manager.add(
  new MetricsServer({ registry: metrics.registry, port: Number(options['metrics-port']) }),
);
cronJobController(manager);
await manager.run(setupSignalHandler());
