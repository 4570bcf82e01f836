import { defineResource } from '@kubeloop/client';
import type { Resource } from '@kubeloop/client';

import type { Part, StoryMetadata } from './sites.ts';

/** An amount of one generation of an order. */
export interface Booking {
  readonly generation: number;
  readonly amount: number;
}

/** What a controller has made of an order. */
export interface OrderStatus {
  /** The generation that was booked last. */
  readonly generation: number;
  /** The sum of all that was booked. */
  readonly total: number;
  /** What is about to be booked: noted before, and taken away together with the change of the total. */
  readonly pending?: Booking | undefined;
}

/** Asks for one invoice, and for one booking of each amount that a controller has seen. */
export interface Order {
  readonly metadata: StoryMetadata;
  readonly spec: { readonly amount: number };
  readonly status?: OrderStatus;
}

/** Where orders live. */
export const orders: Resource<Order> = defineResource<Order>({
  group: 'stories.kubeloop.test',
  version: 'v1',
  plural: 'orders',
  kind: 'Order',
  namespaced: true,
});

/** Says what a ConfigMap of the story is: `invoice`, which the order owns, or `booking`, which nobody owns or ever deletes. */
export const roleLabel = 'stories.kubeloop.test/role';

/** The uid of the order that a ConfigMap is about. */
export const orderLabel = 'stories.kubeloop.test/order';

/** An invoice without a name. */
export function invoiceOf({ metadata: { uid = '', namespace = '' } }: Order): Part {
  const labels = { [roleLabel]: 'invoice', [orderLabel]: uid };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '', namespace, labels } };
}

/** An entry of the ledger without a name. */
export function entryOf(order: Order, { generation, amount }: Booking): Part {
  const { uid = '', namespace = '' } = order.metadata;
  const labels = { [roleLabel]: 'booking', [orderLabel]: uid };
  const data = { generation: String(generation), amount: String(amount) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '', namespace, labels }, data };
}
