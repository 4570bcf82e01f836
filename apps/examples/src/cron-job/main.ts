import { loadKubeConfig } from '@kubeloop/client';
import { consoleLogger, Manager, setupSignalHandler } from '@kubeloop/controller';
import { cronJobController } from './controller.ts';

const manager = new Manager({
  kubeConfig: await loadKubeConfig(),
  logger: consoleLogger(),
  health: { port: Number(process.env['HEALTH_PORT'] ?? 8081) }, // for the probes of a Pod
});
cronJobController(manager);
await manager.run(setupSignalHandler());
