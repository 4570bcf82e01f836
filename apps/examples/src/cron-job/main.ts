import { loadKubeConfig } from '@kubeloop/client';
import { consoleLogger, Manager } from '@kubeloop/controller';
import { cronJobController } from './controller.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

const manager = new Manager({
  kubeConfig: await loadKubeConfig(),
  logger: consoleLogger(),
});
cronJobController(manager);
await manager.run({ signal: stop.signal });
