import { fileURLToPath } from 'node:url';

import { KubeClient, namespaces } from '@kubeloop/client';
import type { ResourceClient } from '@kubeloop/client';
import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import type { SkippableContext } from '@kubeloop/control-plane';
import { expect, onTestFinished, test, vi } from 'vitest';

import { seededRandom } from '../../src/random.ts';
import type { Random } from '../../src/random.ts';
import { installDefinition } from '../../src/stories/definitions.ts';
import { KilledProcess } from '../../src/stories/killed-process.ts';
import { auditOrders } from '../../src/stories/order-audit.ts';
import type { OrderAudit } from '../../src/stories/order-audit.ts';
import type { OrderControllerConfig } from '../../src/stories/order-controller.ts';
import { orders } from '../../src/stories/orders.ts';
import type { Order } from '../../src/stories/orders.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

interface Scene {
  readonly ofNamespace: ResourceClient<Order>;
  readonly process: KilledProcess;
  readonly random: Random;
  readonly audit: () => Promise<OrderAudit>;
}

/** A namespace with orders, and a controller of theirs that is killed seven times within its expected writes. */
async function stage(
  context: SkippableContext,
  { count, reconciler }: { readonly count: number } & Pick<OrderControllerConfig, 'reconciler'>,
): Promise<Scene> {
  console.log(`CHAOS_SEED=${seed}`);
  const access = sharedControlPlaneOrSkip(context);
  const client = new KubeClient(access);
  await installDefinition(client, orders);
  const namespace = `killed-${reconciler}-${Date.now()}`;
  await client.resource(namespaces).create({ metadata: { name: namespace } });
  const ofNamespace = client.resource(orders).namespace(namespace);
  const random = seededRandom(seed);
  const create = async (index: number): Promise<unknown> =>
    ofNamespace.create({ metadata: { name: `order-${index}` }, spec: { amount: index + 1 } });
  for (let first = 0; first < count; first += 20) {
    await Promise.all(Array.from({ length: 20 }, async (_, index) => create(first + index)));
  }

  const config: OrderControllerConfig = { kubeconfig: access.kubeconfig, namespace, reconciler };
  const program = fileURLToPath(new URL('../../src/stories/order-controller.ts', import.meta.url));
  // Three writes for each order at the least. The first kill meets the controller while it starts.
  const points = Array.from({ length: 6 }, () => random.integer(1, Math.floor(count * 2.8)));
  const kills = [0, ...points.toSorted((a, b) => a - b)].map((afterLines, index) => ({
    afterLines,
    delayMs: random.integer(0, index === 0 ? 1500 : 10),
  }));
  const child = new KilledProcess({
    command: process.execPath,
    args: ['--conditions=@kubeloop/source', program, JSON.stringify(config)],
    kills,
  });
  onTestFinished(async () => {
    await child.stop();
    await client.resource(namespaces).delete(namespace);
    await client.close();
  });
  return { ofNamespace, process: child, random, audit: async () => auditOrders(client, namespace) };
}

test(
  'a controller that is killed again and again during a thousand reconciles does everything, and nothing twice',
  { timeout: 150_000 },
  async (context) => {
    const count = 1000;
    const { ofNamespace, process, random, audit } = await stage(context, {
      count,
      reconciler: 'careful',
    });
    const startedAt = performance.now();

    const killing = process.run();
    let changed = 0;
    while (process.killed < 7) {
      const name = `order-${random.integer(20, count - 1)}`;
      const amount = random.integer(1, 1000);
      await Promise.race([
        ofNamespace.patch(name, { spec: { amount } }, { type: 'merge' }),
        killing,
      ]);
      changed += 1;
      if (changed <= 20) await ofNamespace.delete(`order-${changed - 1}`);
      await new Promise((resolve) => void setTimeout(resolve, 50));
    }
    await killing;
    await vi.waitFor(async () => expect((await audit()).open).toEqual([]), {
      timeout: 90_000,
      interval: 500,
    });

    const { twice, bookings } = await audit();
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const { killed, lines } = process;
    console.log(JSON.stringify({ killed, writes: lines, bookings, changed, seconds }));
    expect(twice).toEqual([]);
    expect(killed).toBe(7);
    expect(bookings).toBeGreaterThanOrEqual(count - 20);
  },
);

test(
  'a controller that trusts its caches and its luck does things twice, and the audit tells',
  { timeout: 120_000 },
  async (context) => {
    const { process, audit } = await stage(context, { count: 200, reconciler: 'naive' });

    await process.run();
    const found = await vi.waitFor(
      async () => {
        const result = await audit();
        expect(result.twice).not.toEqual([]);
        return result;
      },
      { timeout: 30_000, interval: 500 },
    );

    console.log(`${found.twice.length} times: ${found.twice.slice(0, 3).join('; ')}`);
    expect(process.killed).toBe(7);
  },
);
