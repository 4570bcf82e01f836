import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { configMaps, KubeClient } from '@kubeloop/client';
import {
  Cluster as ManagedCluster,
  fromPino,
  IntervalSource,
  Manager,
  type ManagerOptions,
  type PinoLike,
  type Tracer,
} from '@kubeloop/controller';
import { defaultsFor, NamespaceSet, projected, SharedInformerFactory } from '@kubeloop/informer';
import { describe, expect, test } from 'vitest';
import { Cluster, errorText } from './running.ts';
import { errorOf, expectNoStrays, until } from './strays.ts';

const strays = expectNoStrays();

/** What a program in JavaScript can pass. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the type comes from where it is used
function untyped<T>(value: unknown): T {
  return value as T; // wrong on purpose
}

const client = new KubeClient({ server: 'https://127.0.0.1:1', skipTLSVerify: true });
const manage = (options: unknown): Manager =>
  new Manager({ client, ...untyped<Partial<ManagerOptions>>(options) });
const interval = (options: object): IntervalSource =>
  new IntervalSource({ name: 'clock', intervalMs: 10, requests: [], ...options });

describe('refused at once, in words that name the value', () => {
  const cases: readonly (readonly [title: string, make: () => unknown, part: string])[] = [
    ['health checks at a port of text', () => manage({ health: { port: '80' } }), '80 as port'],
    ['health checks that are a number', () => manage({ health: 8080 }), '8080 as health'],
    [
      'a readiness check with a name of the manager',
      () => manage({}).addReadyzCheck('controller/web', () => {}),
      'the name is taken',
    ],
    [
      'a health check that is no function',
      () => manage({}).addHealthzCheck('db', untyped(true)),
      'true as check "db"',
    ],
    ['a set of namespaces made of text', () => new NamespaceSet('shop'), "'shop'"],
    ['a namespace that can be none', () => new NamespaceSet().add('*'), "'*' as a namespace"],
    [
      'a list where a set of namespaces is wanted',
      () => new SharedInformerFactory(client, { namespaces: untyped(['shop']) }),
      'new NamespaceSet',
    ],
    [
      'a projection to a path through a prototype',
      () => projected(configMaps, untyped<['data']>(['__proto__.polluted'])),
      "'__proto__.polluted'",
    ],
    ['a projection to nothing', () => projected(configMaps, []), 'give a list of paths'],
    ['defaults without options', () => defaultsFor(configMaps, untyped(5)), 'no options'],
    [
      'defaults for a kind twice',
      () => manage({ byResource: [1, 2].map(() => defaultsFor(configMaps, {})) }).informers,
      'twice',
    ],
    [
      'a cluster with capitals in its name',
      () => new ManagedCluster({ name: 'Edge', client }),
      'Edge',
    ],
    [
      'the name of a cluster where the cluster is wanted',
      () => {
        const builder = manage({}).controller('mirror').for(configMaps);
        builder.watches(configMaps, () => [], { cluster: untyped('edge') });
      },
      'edge as cluster',
    ],
    ['an interval of no length', () => interval({ intervalMs: 0 }), 'an interval of 0'],
    ['a jitter of more than all', () => interval({ jitter: 2 }), 'a jitter of 2'],
    ['a tracer without methods', () => manage({ tracer: {} }), 'no method startSpan'],
  ];

  test.each(cases)('%s', async (_title, make, part) => {
    const error = await errorOf(make);

    expect(error.message).toContain(part);
    expect(error.message).toMatch(/^Cannot /);
  });
});

/** Something that listens at a port which is nobody else's. */
async function takenPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  // It listens at a port.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

test('a port for health checks that is in use ends the manager with an error that names it', async () => {
  await using cluster = await Cluster.start();
  await using taken = await takenPort();
  const { stop } = cluster.run(() => {}, { health: { port: taken.port } });
  await until('the failure is reported', () => cluster.entries('error').length > 0);

  const error = await errorOf(async () => {
    throw await stop();
  });

  expect(error.message).toContain(`Cannot serve health checks at :${taken.port}`);
  expect(error.message).toContain('EADDRINUSE');
});

test('health checks that hang, throw nothing or reject with nothing are failures of their own and of no other', async () => {
  await using cluster = await Cluster.start();
  const health = { port: 0, host: '127.0.0.1', checkTimeoutMs: 50 };
  const { manager } = cluster.run(
    (each) => {
      each.addHealthzCheck('fine', () => {});
      each.addHealthzCheck('hangs', () => new Promise<void>(() => {}));
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- this is what the test is about
      each.addHealthzCheck('rejects', () => Promise.reject(null));
      each.addHealthzCheck('throws', () => {
        // oxlint-disable-next-line typescript/only-throw-error -- this is what the test is about
        throw undefined;
      });
    },
    { health },
  );
  await until('it listens', () => manager.healthUrl !== undefined);

  const response = await fetch(`${manager.healthUrl}/healthz?verbose`);

  expect(response.status).toBe(500);
  const lines = (await response.text()).split('\n');
  expect(lines).toContain('[+]fine ok');
  expect(lines).toContain('[-]hangs failed: no answer within 50 ms');
  expect(lines).toContain('[-]rejects failed: null');
  expect(lines).toContain('[-]throws failed: undefined');
});

test.each(['/readyz/%', '/readyz/..%2f..', '//', '/readyz/__proto__', '/constructor'])(
  'a probe of %s is answered by 404',
  async (path) => {
    await using cluster = await Cluster.start();
    const { manager } = cluster.run(() => {}, { health: { port: 0, host: '127.0.0.1' } });
    await until('it listens', () => manager.healthUrl !== undefined);

    const response = await fetch(`${manager.healthUrl}${path}`);

    expect(response.status).toBe(404);
    await response.text();
  },
);

/** Runs a controller of ConfigMaps until one has been reconciled; gives how often that was done. */
async function reconcileOne(cluster: Cluster, options: Partial<ManagerOptions>): Promise<number> {
  let count = 0;
  await cluster.createConfigMap('one');
  const { stop } = cluster.run((manager) => {
    manager
      .controller('web')
      .for(configMaps)
      .reconcile(() => void (count += 1));
  }, options);
  await until('it is reconciled', () => count > 0);
  expect(await stop()).toBeUndefined();
  return count;
}

const boom = (): never => {
  throw new Error('broken instrument');
};

test('a tracer that throws is reported, and each reconcile runs once', async () => {
  await using cluster = await Cluster.start();
  const tracer: Tracer = { startSpan: boom, startActiveSpan: boom };

  expect(await reconcileOne(cluster, { tracer })).toBe(1);
  expect(cluster.entries('error').map(errorText)).toContain('broken instrument');
});

test('a tracer that gives no spans is reported, and each reconcile runs once', async () => {
  await using cluster = await Cluster.start();
  const none = untyped<ReturnType<Tracer['startSpan']>>(undefined);
  const tracer = untyped<Tracer>({
    startSpan: () => none,
    startActiveSpan: (_name: string, _options: object, run: (span: unknown) => unknown) =>
      run(none),
  });

  expect(await reconcileOne(cluster, { tracer })).toBe(1);
  expect(cluster.entries('error').map(({ message }) => message)).toContain('The tracer threw');
});

test('metrics of a controller that throw are reported, and nothing else', async () => {
  await using cluster = await Cluster.start();
  const instruments = { reconciled: boom, activeWorkers: boom, maxConcurrentReconciles: boom };

  expect(await reconcileOne(cluster, { metrics: { forController: () => instruments } })).toBe(1);
  expect(cluster.entries('error').map(errorText)).toContain('broken instrument');
});

test('a pino that throws costs its entries and nothing else', async () => {
  await using cluster = await Cluster.start();
  const pino: PinoLike = { debug: boom, info: boom, warn: boom, error: boom, child: boom };

  expect(await reconcileOne(cluster, { logger: fromPino(pino) })).toBe(1);
  await until('it is said', () => strays.length > 0);
  expect(strays.splice(0).every((stray) => stray.startsWith('warning: The logger threw'))).toBe(
    true,
  );
});

test.each([
  ['requests without a namespace', () => [{ name: 'one' }], 'it needs a namespace'],
  ['a number', () => 5, 'not iterable'],
  ['a rejection', () => Promise.reject(new Error('nobody knows')), 'nobody knows'],
])(
  'an interval source that answers %s is reported and has its next turn',
  async (_, answer, part) => {
    await using cluster = await Cluster.start();
    let turns = 0;
    const requests = untyped<() => []>(() => {
      turns += 1;
      return answer();
    });
    const { stop } = cluster.run((manager) => {
      const builder = manager.controller('web').for(configMaps);
      builder.watchesSource(interval({ requests })).reconcile(() => {});
    });
    await until('it has had several turns', () => turns > 2);

    expect(await stop()).toBeUndefined();
    expect(cluster.entries('error').map(errorText).join()).toContain(part);
  },
);
