import type { NamespaceLister } from '@kubeloop/cache-store';
import { isAlreadyExists } from '@kubeloop/client';
import type { KubeClient, ResourceClient } from '@kubeloop/client';
import { setControllerReference } from '@kubeloop/controller';

import { entryOf, invoiceOf, orderLabel, orders } from './orders.ts';
import type { Booking, Order } from './orders.ts';
import { pages } from './sites.ts';
import type { Part } from './sites.ts';

/** What both reconcilers need. */
export interface OrderReconcilerOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly orders: NamespaceLister<Order>;
  readonly invoices: NamespaceLister<Part>;
  /** Told before each write. */
  readonly onWrite: () => void;
}

/** Brings one order to its invoice and its bookings. */
export interface OrderReconciler {
  reconcile(name: string): Promise<void>;
}

abstract class AnyOrderReconciler implements OrderReconciler {
  protected readonly options: OrderReconcilerOptions;
  protected readonly orders: ResourceClient<Order>;
  readonly #parts: ResourceClient<Part>;

  constructor(options: OrderReconcilerOptions) {
    this.options = options;
    this.orders = options.client.resource(orders).namespace(options.namespace);
    this.#parts = options.client.resource(pages).namespace(options.namespace);
  }

  /** One round, with an order that may be old. */
  async reconcile(name: string): Promise<void> {
    const order = this.options.orders.get(name);
    if (order === undefined || order.metadata.deletionTimestamp !== undefined) return;
    await this.bring(order);
  }

  protected abstract bring(order: Order): Promise<void>;

  /** Whether the cache, however old, has an invoice of the order. */
  protected hasInvoice({ metadata: { uid = '' } }: Order): boolean {
    return this.options.invoices.list(`${orderLabel}=${uid}`).length > 0;
  }

  protected async create(
    part: Part,
    name: { name: string } | { generateName: string },
  ): Promise<void> {
    this.options.onWrite();
    // A name that the server makes up is none of ours.
    const metadata = { ...part.metadata, ...name } as Part['metadata'];
    if ('generateName' in name) Reflect.deleteProperty(metadata, 'name');
    await this.#parts.create({ ...part, metadata });
  }
}

/**
 * Does nothing twice, wherever it is killed and however old its caches are. What it makes has names that follow from the
 * order, so that a second one is refused. What it adds to the total it first notes in the status as pending; the total
 * changes, and the note goes, in one write that the server refuses when anybody has written since the order was read.
 */
export class CarefulOrderReconciler extends AnyOrderReconciler {
  protected override async bring(order: Order): Promise<void> {
    const { name } = order.metadata;
    // The cache may be behind, but then the name is taken.
    if (!this.hasInvoice(order)) {
      const invoice = setControllerReference(order, invoiceOf(order), { resource: orders });
      await this.#createOnce(invoice, `${name}-invoice`);
    }
    const current = await this.#finish(order);
    const { generation = 0 } = current.metadata;
    if ((current.status?.generation ?? 0) >= generation) return;
    await this.#finish(await this.#begin(current, { generation, amount: current.spec.amount }));
  }

  async #begin(order: Order, pending: Booking): Promise<Order> {
    const { generation, total } = order.status ?? { generation: 0, total: 0 };
    return this.#updateStatus(order, { generation, total, pending });
  }

  /** Does what is pending, be it from a former life. */
  async #finish(order: Order): Promise<Order> {
    const { pending, total = 0 } = order.status ?? {};
    if (pending === undefined) return order;
    const { name, uid } = order.metadata;
    await this.#createOnce(entryOf(order, pending), `${name}-${uid}-${pending.generation}`);
    const { generation, amount } = pending;
    return this.#updateStatus(order, { generation, total: total + amount });
  }

  async #updateStatus(order: Order, status: NonNullable<Order['status']>): Promise<Order> {
    this.options.onWrite();
    return this.orders.updateStatus({ ...order, status });
  }

  async #createOnce(part: Part, name: string): Promise<void> {
    try {
      await this.create(part, { name });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}

/** Does the same as one would write it at first: it trusts its caches, and that what begins also ends. */
export class NaiveOrderReconciler extends AnyOrderReconciler {
  protected override async bring(order: Order): Promise<void> {
    const { name, generation = 0 } = order.metadata;
    if (!this.hasInvoice(order)) {
      const invoice = setControllerReference(order, invoiceOf(order), { resource: orders });
      await this.create(invoice, { generateName: `${name}-` });
    }
    if ((order.status?.generation ?? 0) >= generation) return;
    const { amount } = order.spec;
    await this.create(entryOf(order, { generation, amount }), { generateName: `${name}-` });
    const status = { generation, total: (order.status?.total ?? 0) + amount };
    this.options.onWrite();
    await this.orders.patchStatus(name, { status }, { type: 'merge' });
  }
}
