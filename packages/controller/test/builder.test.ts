import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import { defineResource, deployments, pods, replicaSets } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import type { ControllerBuilder } from '../src/builder.ts';
import { setControllerReference } from '../src/owner-references.ts';
import { ChannelSource } from '../src/channel-source.ts';
import { requestKey } from '../src/request.ts';
import { ManualSource } from './support/controller-rig.ts';
import { MemoryHost } from './support/memory-host.ts';

const webApps: Resource<ObjectLike> = defineResource({
  group: 'example.com',
  version: 'v1',
  plural: 'webapps',
  kind: 'WebApp',
  namespaced: true,
});

const make = (resource: Resource<ObjectLike>, name: string): ObjectLike => ({
  apiVersion: resource.apiVersion,
  kind: resource.kind,
  metadata: { name, namespace: 'ns', uid: `uid-of-${resource.kind}-${name}` },
});
const shop = make(webApps, 'shop');
const deployment = setControllerReference(shop, make(deployments, 'shop'));
const replicaSet = setControllerReference(deployment, make(replicaSets, 'shop-1'));
const pod = setControllerReference(replicaSet, make(pods, 'shop-1-x'));

interface Rig {
  readonly host: MemoryHost;
  readonly clock: FakeClock;
  /** The requests since the last call. */
  readonly taken: () => string[];
  readonly end: () => Promise<void>;
}

async function rig(
  build: (
    builder: ControllerBuilder,
    host: MemoryHost,
  ) => ControllerBuilder | Promise<ControllerBuilder>,
): Promise<Rig> {
  const clock = new FakeClock();
  const host = new MemoryHost(clock);
  const seen: string[] = [];
  const builder = await build(host.controller('webapp'), host);
  builder.reconcile((request) => void seen.push(requestKey(request)));
  const stop = new AbortController();
  const ended = host.run(stop.signal);
  await clock.stepAsync(100);
  return {
    host,
    clock,
    taken: () => seen.splice(0),
    end: async () => {
      stop.abort();
      await ended;
    },
  };
}

describe('for', () => {
  test('each event of an object asks for a reconcile of it', async () => {
    const { host, clock, taken, end } = await rig((builder) => builder.for(webApps));

    await host.feed(webApps).add(shop);
    await clock.settle();
    expect(taken()).toEqual(['ns/shop']);
    await host.feed(webApps).update(shop);
    await clock.settle();
    expect(taken()).toEqual(['ns/shop']);
    await host.feed(webApps).delete(shop);
    await clock.settle();
    expect(taken()).toEqual(['ns/shop']);
    await end();
  });

  test('objects that were there at the start are reconciled', async () => {
    const { taken, end } = await rig(async (builder, host) => {
      await host.feed(webApps).add(shop);
      return builder.for(webApps);
    });

    expect(taken()).toEqual(['ns/shop']);
    await end();
  });

  test('predicates and selectors narrow it', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder.for(webApps, { predicates: [{ create: () => false }], labelSelector: 'a=b' }),
    );

    await host.feed(webApps, { labelSelector: 'a=b' }).add(shop);
    await clock.settle();

    expect(host.informers).toEqual(['webapps.example.com {"labelSelector":"a=b"}']);
    expect(taken()).toEqual([]);
    await end();
  });
});

describe('owns', () => {
  test('an event of an owned object asks for a reconcile of its owner', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder.owns(deployments).for(webApps),
    );

    await host.feed(deployments).add(deployment);
    await host.feed(deployments).add(make(deployments, 'foreign'));
    await clock.settle();

    expect(taken()).toEqual(['ns/shop']);
    await end();
  });

  test('an object that changes owners asks for a reconcile of both', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder.for(webApps).owns(deployments),
    );
    await host.feed(deployments).add(deployment);
    await clock.settle();
    taken();

    const adopted = setControllerReference(make(webApps, 'blog'), make(deployments, 'shop'));
    await host.feed(deployments).update(adopted);
    await clock.settle();

    expect(taken()).toEqual(['ns/shop', 'ns/blog']);
    await end();
  });
});

describe('owns through', () => {
  const through = { through: [replicaSets, deployments] };

  test('an object three steps below asks for a reconcile of the owner of all', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder.for(webApps).owns(pods, through),
    );
    await host.feed(deployments).add(deployment);
    await host.feed(replicaSets).add(replicaSet);
    await clock.settle();
    taken();

    await host.feed(pods).add(pod);
    await clock.settle();

    expect(taken()).toEqual(['ns/shop']);
    await end();
  });

  test('an object that is seen before its owners is not lost', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder.for(webApps).owns(pods, through),
    );

    await host.feed(pods).add(pod);
    await clock.settle();
    expect(taken()).toEqual([]);
    expect(host.log.messages('debug')).toEqual(['An owner on the way up is not in the cache']);
    await host.feed(replicaSets).add(replicaSet);
    await clock.settle();
    expect(taken()).toEqual([]);
    await host.feed(deployments).add(deployment);
    await clock.settle();

    expect(taken()).toEqual(['ns/shop']);
    await end();
  });

  test('the end of an object that outlives its owners asks for a reconcile of the owner of all', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder.for(webApps).owns(pods, through),
    );
    await host.feed(deployments).add(deployment);
    await host.feed(replicaSets).add(replicaSet);
    await host.feed(pods).add(pod);
    await host.feed(deployments).delete(deployment);
    await host.feed(replicaSets).delete(replicaSet);
    await clock.settle();
    taken();

    await host.feed(pods).delete(pod);
    await clock.settle();

    expect(taken()).toEqual(['ns/shop']);
    await end();
  });

  test('the end of an owner in between asks for a reconcile of the owner of all', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder.for(webApps).owns(pods, through),
    );
    await host.feed(deployments).add(deployment);
    await host.feed(replicaSets).add(replicaSet);
    await clock.settle();
    taken();

    await host.feed(replicaSets).delete(replicaSet);
    await clock.settle();

    expect(taken()).toEqual(['ns/shop']);
    await end();
  });

  test('changes of the owners in between that leave their own owners alone ask for nothing', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder.for(webApps).owns(pods, through),
    );
    await host.feed(deployments).add(deployment);
    await clock.settle();
    taken();

    await host.feed(deployments).update(deployment);
    await clock.settle();

    expect(taken()).toEqual([]);
    await end();
  });
});

describe('watches', () => {
  test('the map function says what to reconcile', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder
        .for(webApps)
        .watches(pods, (each) => [{ namespace: 'mapped', name: each.metadata?.name ?? '' }]),
    );

    await host.feed(pods).add(pod);
    await clock.settle();

    expect(taken()).toEqual(['mapped/shop-1-x']);
    await end();
  });

  test('a map function that throws is reported with controller and source and disturbs no other source', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder
        .for(webApps)
        .owns(pods, { matchEveryOwner: true })
        .watches(pods, () => {
          throw new Error('bad map');
        })
        .watches(pods, () => [{ namespace: '', name: 'other' }]),
    );

    await host.feed(pods).add(pod);
    await clock.settle();

    expect(taken()).toEqual(['other']);
    expect(host.log.entries.filter(({ level }) => level === 'error')).toMatchObject([
      {
        message: 'A predicate or event handler threw while handling the create event',
        fields: { controller: 'webapp', source: 'watches pods', error: { message: 'bad map' } },
      },
    ]);
    expect(host.controllers[0]?.counters.handlerErrors).toBe(1);
    await end();
  });

  test('an event handler can take the place of a map function', async () => {
    const { host, clock, taken, end } = await rig((builder) =>
      builder.for(webApps).watches(pods, {
        delete: ({ object }, enqueue) =>
          enqueue({ namespace: 'gone', name: object.metadata?.name ?? '' }),
      }),
    );

    await host.feed(pods).add(pod);
    await host.feed(pods).delete(pod);
    await clock.settle();

    expect(taken()).toEqual(['gone/shop-1-x']);
    await end();
  });

  test('a source of another sort can be added', async () => {
    async function* hooks(): AsyncGenerator<string> {
      yield 'pushed';
    }
    const channel = new ChannelSource({
      name: 'hooks',
      channel: hooks(),
      handler: (name) => [{ namespace: '', name }],
    });

    const { taken, end } = await rig((builder) => builder.for(webApps).watchesSource(channel));

    expect(taken()).toEqual(['pushed']);
    await end();
  });
});

test('a kind that is only read is waited for and asks for nothing', async () => {
  const { host, clock, taken, end } = await rig((builder) => builder.for(webApps).reads(pods));

  await host.feed(pods).add(pod);
  await clock.settle();

  expect(host.controllers[0]?.describe().sources).toMatchObject([
    { name: 'for webapps.example.com', isSynced: true },
    { name: 'reads pods', isSynced: true },
  ]);
  expect(taken()).toEqual([]);
  await end();
});

describe('mistakes', () => {
  const builder = (): ControllerBuilder => new MemoryHost(new FakeClock()).controller('webapp');

  test('a second for is refused', () => {
    expect(() => builder().for(webApps).for(pods)).toThrow(
      'Cannot add for("pods") to controller "webapp": it is for "webapps.example.com" already; use owns or watches',
    );
  });

  test('a controller for nothing is refused', () => {
    expect(() =>
      builder()
        .owns(pods)
        .reconcile(() => {}),
    ).toThrow('Cannot build controller "webapp": it is for nothing; call for(resource) once');
  });

  test('what is no resource is refused', () => {
    expect(() => builder().for(undefined as never)).toThrow(
      'it is no resource; make one with defineResource',
    );
    expect(() =>
      builder()
        .for(webApps)
        .owns({} as never),
    ).toThrow(TypeError);
    expect(() => builder().owns(pods, { through: [{} as never] })).toThrow('Cannot own through {}');
  });

  test('a map function that is none is refused', () => {
    expect(() => builder().watches(pods, 'x' as never)).toThrow('the map function of "pods"');
  });

  test('options out of range are refused when they are given', () => {
    expect(() => builder().withOptions({ maxConcurrentReconciles: 0 })).toThrow(RangeError);
  });

  test('a reconciler that is none is refused', () => {
    expect(() =>
      builder()
        .for(webApps)
        .reconcile({} as never),
    ).toThrow(TypeError);
  });

  test('a builder that has built changes no more', () => {
    const built = builder().for(webApps);
    built.reconcile(() => {});

    expect(() => built.owns(pods)).toThrow('it is built already');
    expect(() => built.watchesSource(new ManualSource('x'))).toThrow('it is built already');
    expect(() => built.reconcile(() => {})).toThrow('it is built already');
  });
});

test('what is reconciled, and which objects of it, can be asked for', () => {
  const builder = new MemoryHost(new FakeClock()).controller('webapp');
  const before = builder.primary;

  builder.for(webApps, { namespace: 'a', predicates: [] });

  expect(before).toBeUndefined();
  expect(builder.primary).toEqual({ resource: webApps, selection: { namespace: 'a' } });
});

test('later options add to earlier ones', () => {
  const host = new MemoryHost(new FakeClock());
  const controller = host
    .controller('webapp')
    .for(webApps)
    .withOptions({ maxConcurrentReconciles: 4 })
    .withOptions({ reconcileTimeoutMs: 100 })
    .reconcile(() => {});

  expect(controller.name).toBe('webapp');
  expect(host.controllers).toEqual([controller]);
});
