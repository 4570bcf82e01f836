import { setTimeout as sleep } from 'node:timers/promises';
import { splitMetaNamespaceKey } from '@kubeloop/cache-store';
import { configMaps, ignoreNotFound, KubeClient } from '@kubeloop/client';
import { runWorkers, type WorkContext } from '@kubeloop/workqueue';
import { nowMs, tell } from './messages.ts';
import { needsWork } from './orders.ts';
import { endWithParent, openQueue, readSettings } from './settings.ts';

// A process that works: it takes keys from the shared queue, reads the order and ships it. It watches nothing and has no cache.

/** How long an order takes. */
const workMs = 250;

endWithParent();
const settings = readSettings();
const queue = await openQueue(settings);
const client = new KubeClient({ server: settings.server, skipTLSVerify: true });

let owned = '';
const looking = setInterval(() => {
  const partitions = queue
    .describe()
    .partitions.filter(({ state }) => state === 'owned')
    .map(({ index }) => index);
  if (partitions.join() === owned) return;
  owned = partitions.join();
  tell({ event: 'owns', at: nowMs(), partitions });
}, 50);

process.once('SIGTERM', () => void queue.shutDownWithDrain());
tell({ event: 'ready', at: nowMs() });
await runWorkers(queue, { concurrency: 3 }, async (key, context) => {
  tell({ event: 'begin', at: nowMs(), key });
  try {
    await ship(key, context);
  } finally {
    tell({ event: 'end', at: nowMs(), key });
  }
});
clearInterval(looking);
await queue.shutDownWithDrain();
await client.close();
process.exit(0);

/** The signal aborts when another process may have taken the key over; the version that was read makes a late write fail. */
async function ship(key: string, { signal }: WorkContext): Promise<void> {
  const { namespace, name } = splitMetaNamespaceKey(key);
  const orders = client.resource(configMaps).namespace(namespace);
  const order = await ignoreNotFound(orders.get(name, { signal }));
  if (order === undefined || !needsWork(order)) return;
  await sleep(workMs, undefined, { signal });
  const data = { ...order.data, shipped: order.data?.['wanted'] ?? '', by: settings.identity };
  await orders.update({ ...order, data }, { signal });
}
