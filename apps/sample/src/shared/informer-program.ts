import { configMaps, KubeClient } from '@kubeloop/client';
import { metaNamespaceKeyFunc } from '@kubeloop/cache-store';
import { SharedInformerFactory } from '@kubeloop/informer';
import { nowMs, tell } from './messages.ts';
import { needsWork, type Order } from './orders.ts';
import { endWithParent, namespace, openQueue, readSettings } from './settings.ts';

// The process that watches: it adds the key of each order that needs work to the shared queue, and works on none.

endWithParent();
const settings = readSettings();
const stop = new AbortController();
const queue = await openQueue(settings);
const client = new KubeClient({ server: settings.server, skipTLSVerify: true });
const factory = new SharedInformerFactory(client, { namespace });

/** Not awaited: a handler goes on, the queue keeps the key until the broker has confirmed it. */
function add(order: Order): void {
  if (needsWork(order)) void queue.add(metaNamespaceKeyFunc(order));
}

factory.informerFor(configMaps).addEventHandler({
  add,
  update: (_old, order) => add(order),
});
factory.start({ signal: stop.signal });
await factory.waitForCacheSync();
tell({ event: 'ready', at: nowMs() });

process.once('SIGTERM', () => stop.abort());
await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
await factory.shutdown();
await queue.flushed();
await queue.shutDownWithDrain();
await client.close();
process.exit(0);
