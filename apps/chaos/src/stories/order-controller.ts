/**
 * A controller of orders as a process of its own. Its first argument is JSON: where the cluster is, the namespace, and which
 * reconciler to run. It writes a line before each request that changes something, and runs until it is killed.
 */
import { KubeClient, loadKubeConfig } from '@kubeloop/client';
import { Manager } from '@kubeloop/controller';

import { CarefulOrderReconciler, NaiveOrderReconciler } from './order-reconciler.ts';
import { orders, roleLabel } from './orders.ts';
import { pages } from './sites.ts';

/** What the process is told. */
export interface OrderControllerConfig {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly reconciler: 'careful' | 'naive';
}

// The tests are the only callers.
const config = JSON.parse(process.argv[2] ?? '') as OrderControllerConfig;
const { kubeconfig, namespace } = config;
const client = new KubeClient({ kubeConfig: await loadKubeConfig({ path: kubeconfig }) });
const manager = new Manager({ client, namespace });
const invoices = { labelSelector: `${roleLabel}=invoice` };
const Reconciler = config.reconciler === 'careful' ? CarefulOrderReconciler : NaiveOrderReconciler;
const reconciler = new Reconciler({
  client,
  namespace,
  orders: manager.informerFor(orders).lister.byNamespace(namespace),
  invoices: manager.informerFor(pages, invoices).lister.byNamespace(namespace),
  onWrite: () => void process.stdout.write('write\n'),
});
manager
  .controller('orders')
  .for(orders)
  .owns(pages, invoices)
  .withOptions({ maxConcurrentReconciles: 8 })
  .reconcile(async ({ name }) => reconciler.reconcile(name));
await manager.run({ signal: new AbortController().signal });
