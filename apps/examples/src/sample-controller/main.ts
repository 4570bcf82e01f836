import { loadKubeConfig } from '@kubeloop/client';
import { consoleLogger, Manager, setupSignalHandler } from '@kubeloop/controller';
import { fooController } from './controller.ts';

const manager = new Manager({
  kubeConfig: await loadKubeConfig(),
  logger: consoleLogger(),
  resyncPeriodMs: 30_000,
});
fooController(manager);
await manager.run(setupSignalHandler());
