import { loadKubeConfig } from '@kubeloop/client';
import { consoleLogger, Manager } from '@kubeloop/controller';
import { fooController } from './controller.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

const manager = new Manager({
  kubeConfig: await loadKubeConfig(),
  logger: consoleLogger(),
  resyncPeriodMs: 30_000,
});
fooController(manager);
await manager.run({ signal: stop.signal });
