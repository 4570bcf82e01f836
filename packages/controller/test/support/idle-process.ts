import { Manager } from '../../src/manager.ts';
import { setupSignalHandler } from '../../src/signal-handler.ts';

// A manager that nothing keeps alive: no connection, no timer, no server. Node 22 runs this, and has no `using`.
const manager = new Manager({
  kubeConfig: { server: 'http://127.0.0.1:1', skipTLSVerify: true },
});
const termination = setupSignalHandler();
setImmediate(() => console.log('reconciling nothing'));
await manager.run(termination);
console.log('stopped');
termination[Symbol.dispose]();
