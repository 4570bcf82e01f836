import { ApiServer } from '@kubeloop/apiserver';
import { configMaps, KubeClient } from '@kubeloop/client';
import { Manager } from '../../src/manager.ts';
import { setupSignalHandler } from '../../src/signal-handler.ts';

// A controller process: it says what it does, and with "stuck" a reconcile of it never ends. Node 22 runs this, and has no `using`.
const isStuck = process.argv[2] === 'stuck';
const server = new ApiServer();
await server.start();
const client = new KubeClient({ server: server.url, skipTLSVerify: true });
const manager = new Manager({ client, health: { port: 0, host: '127.0.0.1' } });
manager.add({
  name: 'writer',
  run: async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    console.log('runnable ends');
  },
});
manager
  .controller('copier')
  .for(configMaps)
  .reconcile(async (_request, { signal }) => {
    console.log(`reconciling ${manager.healthUrl}`);
    await new Promise((resolve) =>
      process.once('SIGTERM', () => setTimeout(resolve, isStuck ? 1e6 : 100)),
    );
    console.log(`reconciled ${signal.aborted}`);
  });
await client
  .resource(configMaps)
  .namespace('default')
  .create({ metadata: { name: 'a' }, data: {} });
const termination = setupSignalHandler();
await manager.run(termination);
console.log(`stopped: ${(termination.signal.reason as Error).message}`);
termination[Symbol.dispose]();
await client.close();
await server.close();
