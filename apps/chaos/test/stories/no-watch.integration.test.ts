import { KubeClient, namespaces } from '@kubeloop/client';
import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import type { ControlPlaneAccess, SkippableContext } from '@kubeloop/control-plane';
import { expect, onTestFinished, test, vi } from 'vitest';

import { seededRandom } from '../../src/random.ts';
import { installDefinition } from '../../src/stories/definitions.ts';
import { garbageIsCollected } from '../../src/stories/garbage-collection.ts';
import { auditSites } from '../../src/stories/site-audit.ts';
import { changeSites, SiteChaos } from '../../src/stories/site-changes.ts';
import { runSiteController } from '../../src/stories/site-controller.ts';
import { sites } from '../../src/stories/sites.ts';
import { WatchEater } from '../../src/stories/watch-eater.ts';
import type { WatchFate } from '../../src/stories/watch-eater.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

/** A namespace with 30 sites, a controller behind something that eats watches, and requests that nothing stands before. */
async function stage(
  context: SkippableContext,
  { fate, relistPeriodMs }: { readonly fate: WatchFate; readonly relistPeriodMs: number },
): Promise<{ direct: KubeClient; namespace: string; eater: WatchEater; errors: string[] }> {
  const access: ControlPlaneAccess = sharedControlPlaneOrSkip(context);
  const direct = new KubeClient(access);
  await installDefinition(direct, sites);
  const namespace = `no-watch-${fate}-${Date.now()}`;
  await direct.resource(namespaces).create({ metadata: { name: namespace } });
  await garbageIsCollected(direct, namespace, sites);
  const chaos = new SiteChaos(direct, namespace, seededRandom(seed));
  for (let index = 1; index <= 30; index += 1) await chaos.create(`site-${index}`);

  const eater = new WatchEater({ ...access, fate });
  const server = await eater.listen();
  const client = new KubeClient({ server, token: access.token, skipTLSVerify: true });
  const stop = new AbortController();
  const errors: string[] = [];
  const ended = runSiteController({
    client,
    namespace,
    signal: stop.signal,
    onError: (error) => void errors.push(String(error)),
    reflector: {
      relistPeriodMs,
      idleTimeoutMs: 2000,
      watchListTimeoutMs: 500,
      // A stream that is put off is asked for again and again, so that there would be no list at all.
      watchList: fate !== 'put-off',
      backoff: { next: () => 500 },
    },
  });
  onTestFinished(async () => {
    stop.abort();
    await ended;
    await client.close();
    await eater[Symbol.asyncDispose]();
    await direct.resource(namespaces).delete(namespace);
    await direct.close();
  });
  return { direct, namespace, eater, errors };
}

test.for<{ fate: WatchFate; relistPeriodMs: number; how: string }>([
  { fate: 'refused', relistPeriodMs: 0, how: 'every watch is refused' },
  { fate: 'put-off', relistPeriodMs: 1000, how: 'every watch is put off' },
  { fate: 'silent', relistPeriodMs: 1000, how: 'every watch opens and stays silent' },
])(
  'with lists alone everything converges, whatever is created, changed, deleted and spoilt, when $how',
  { timeout: 300_000 },
  async ({ fate, relistPeriodMs }, context) => {
    console.log(`CHAOS_SEED=${seed}`);
    const { direct, namespace, eater, errors } = await stage(context, { fate, relistPeriodMs });
    const audit = async (): Promise<string[]> => auditSites(direct, namespace);
    await vi.waitFor(async () => expect(await audit()).toEqual([]), { timeout: 40_000 });

    const random = seededRandom(seed + 1);
    const changes = await changeSites(direct, namespace, { random, count: 100 });
    const disturbed = (await audit()).length;
    await vi.waitFor(async () => expect(await audit()).toEqual([]), {
      // The garbage collector stands still for a while when kinds come or go in other namespaces.
      timeout: 150_000,
      interval: 200,
    });

    const { eaten, lists } = eater;
    console.log(JSON.stringify({ fate, changes, disturbed, eaten, lists, errors: errors.length }));
    expect(disturbed).toBeGreaterThan(0);
    expect(eaten).toBeGreaterThan(3);
  },
);

test(
  'without lists after the first one, the same controller learns of nothing',
  { timeout: 300_000 },
  async (context) => {
    const { direct, namespace, eater } = await stage(context, {
      fate: 'silent',
      relistPeriodMs: 0,
    });
    const audit = async (): Promise<string[]> => auditSites(direct, namespace);
    await vi.waitFor(async () => expect(await audit()).toEqual([]), { timeout: 40_000 });
    const watchesBefore = eater.eaten;

    await new SiteChaos(direct, namespace, seededRandom(seed)).create('late');
    await vi.waitFor(() => expect(eater.eaten).toBeGreaterThan(watchesBefore + 3), {
      timeout: 20_000,
    });

    expect(await audit()).toContain('late-key is missing');
  },
);
