import type { KubeClient } from '@kubeloop/client';

import { orderLabel, orders, roleLabel } from './orders.ts';
import type { Order } from './orders.ts';
import { pages } from './sites.ts';
import type { Part } from './sites.ts';

/** What an audit found; sentences. */
export interface OrderAudit {
  /** What was done more than once, which no later work can mend. */
  readonly twice: readonly string[];
  /** What is not yet as it is to be, or never will be. */
  readonly open: readonly string[];
  /** How many entries the ledger has. */
  readonly bookings: number;
}

/** Compares orders, invoices and ledger by requests of its own. */
export async function auditOrders(client: KubeClient, namespace: string): Promise<OrderAudit> {
  const parts = client.resource(pages).namespace(namespace);
  const [{ items }, invoices, bookings] = await Promise.all([
    client.resource(orders).namespace(namespace).list(),
    parts.list({ labelSelector: `${roleLabel}=invoice` }),
    parts.list({ labelSelector: `${roleLabel}=booking` }),
  ]);
  const invoicesOf = byOrder(invoices.items);
  const bookingsOf = byOrder(bookings.items);
  const twice = repeatedBookings(bookings.items);
  const open: string[] = [];
  for (const order of items) {
    const { name, uid = '' } = order.metadata;
    const owned = invoicesOf.get(uid) ?? [];
    invoicesOf.delete(uid);
    if (owned.length > 1) twice.push(`${name} has ${owned.length} invoices`);
    if (owned.length === 0) open.push(`${name} has no invoice`);
    open.push(...auditBookings(order, bookingsOf.get(uid) ?? []));
  }
  for (const [uid, orphans] of invoicesOf) {
    open.push(`${orphans.length} invoices of order ${uid}, which is gone, are left`);
  }
  return { twice, open, bookings: bookings.items.length };
}

/** Each generation of an order may be booked once, whether the order is still there or not. */
function repeatedBookings(bookings: readonly Part[]): string[] {
  const counts = new Map<string, number>();
  for (const booking of bookings) {
    const of = `generation ${booking.data?.['generation']} of order ${orderOf(booking)}`;
    counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  const repeated = [...counts].filter(([, count]) => count > 1);
  return repeated.map(([of, count]) => `${of} is booked ${count} times`);
}

function auditBookings({ metadata, spec, status }: Order, bookings: readonly Part[]): string[] {
  const { name, generation = 0 } = metadata;
  const problems: string[] = [];
  const generations = bookings.map(({ data }) => Number(data?.['generation']));
  if (!generations.includes(generation)) problems.push(`${name} is not booked`);
  if (generations.some((each) => each > generation)) problems.push(`${name} is booked too often`);
  const last = bookings.find(({ data }) => Number(data?.['generation']) === generation);
  if (last !== undefined && Number(last.data?.['amount']) !== spec.amount) {
    problems.push(`${name} is booked with another amount`);
  }
  const sum = bookings.reduce((total, { data }) => total + Number(data?.['amount']), 0);
  if (status?.total !== sum) problems.push(`${name} has a total that is not that of its bookings`);
  if (status?.generation !== generation) problems.push(`${name} has an old status`);
  if (status?.pending !== undefined) problems.push(`${name} has pending bookings`);
  return problems;
}

function byOrder(parts: readonly Part[]): Map<string, Part[]> {
  return Map.groupBy(parts, orderOf);
}

function orderOf({ metadata }: Part): string {
  return metadata.labels?.[orderLabel] ?? '';
}
