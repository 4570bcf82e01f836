import type { DenyRule } from '@kubeloop/apiserver';
import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import { configMaps, customResourceDefinitions, secrets } from '@kubeloop/client';
import { describe, expect, test, vi } from 'vitest';
import type { Manager } from '../src/manager.ts';
import { Cluster } from './support/cluster.ts';
import { webAppDefinition, webApps } from './support/web-app.ts';

const reflector = { backoff: { next: () => 50 } };
const health = { port: 0, host: '127.0.0.1' };

/** One controller that works, one of a kind that nobody has defined, one that may not see what it watches. */
function threeControllers(manager: Manager, seen: string[]): void {
  const copier = (name: string, resource: Resource<ObjectLike>): unknown =>
    manager
      .controller(name)
      .for(resource)
      .reconcile((request) => void seen.push(`${name} ${request.name}`));
  copier('settings', configMaps);
  copier('webapps', webApps);
  copier('keys', secrets);
}

async function probe(manager: Manager, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${manager.healthUrl}${path}`);
  return { status: response.status, text: await response.text() };
}

async function start(): Promise<{ cluster: Cluster; deny: DenyRule[] }> {
  const deny: DenyRule[] = [{ resources: ['secrets'] }];
  const cluster = await Cluster.start({
    tokens: { admin: { user: 'admin' }, manager: { user: 'manager', deny } },
  });
  return { cluster, deny };
}

describe('a controller whose kind is missing or forbidden', () => {
  test('is named with its cause in the readiness while the others work, and joins when it can', async () => {
    const { cluster, deny } = await start();
    await using started = cluster;
    const admin = started.as('admin');
    const seen: string[] = [];
    const { manager, stop } = started.run((each) => threeControllers(each, seen), {
      client: started.as('manager'),
      reflector,
      health,
    });
    const space = admin.resource(configMaps).namespace('default');
    await space.create({ metadata: { name: 'working' } });

    await vi.waitFor(() => expect(seen).toEqual(['settings working']));
    await vi.waitFor(async () => {
      const { status, text } = await probe(manager, '/readyz?verbose');
      expect(status).toBe(500);
      expect(text.split('\n')).toEqual([
        '[+]controller/keys ok',
        '[-]controller/keys/for secrets failed: Cannot list secrets: secrets is forbidden: User "manager" cannot list resource "secrets" in API group "" at the cluster scope (403 Forbidden)',
        '[+]controller/settings ok',
        '[+]controller/settings/for configmaps ok',
        '[+]controller/webapps ok',
        `[-]controller/webapps/for webapps.example.com failed: Cannot list webapps.example.com: the server ${started.server.url} does not know webapps.example.com/v1: is the CRD installed? (404 NotFound)`,
        '[+]manager ok',
        'readyz check failed',
        '',
      ]);
    });

    const resource = admin.resource(customResourceDefinitions);
    await resource.create(webAppDefinition);
    const webApp = { metadata: { name: 'late', namespace: 'default' }, spec: { replicas: 1 } };
    await vi.waitFor(() => admin.resource(webApps).create(webApp));
    await vi.waitFor(() => expect(seen).toContain('webapps late'));
    expect((await probe(manager, '/readyz?exclude=controller/keys')).text).toBe('ok');

    deny.length = 0;
    await admin
      .resource(secrets)
      .namespace('default')
      .create({ metadata: { name: 's' } });
    await vi.waitFor(() => expect(seen).toContain('keys s'));
    expect(await probe(manager, '/readyz')).toEqual({ status: 200, text: 'ok' });
    await stop();
  });

  test('stops the manager when that is asked for, and the error names source and cause', async () => {
    const { cluster } = await start();
    await using started = cluster;
    const { stop } = started.run((each) => threeControllers(each, []), {
      client: started.as('manager'),
      reflector,
      cacheSyncTimeoutMs: 300,
      stopOnCacheSyncTimeout: true,
    });

    await expect(stop.ended).rejects.toThrow(
      /^Cannot start controller "webapps" within 300 ms: Controller "webapps" waits for source "for webapps.example.com": .*is the CRD installed/,
    );
  });
});

describe('probes', () => {
  test('a check is asked for by its name, with the cause; reasons are withheld without it', async () => {
    const { cluster } = await start();
    await using started = cluster;
    let isBroken = true;
    const build = (manager: Manager): void => {
      manager.addHealthzCheck('disk', () => {
        if (isBroken) throw new Error('disk is full');
      });
      manager.addReadyzCheck('cache/warm', () => Promise.resolve());
    };
    const { manager, stop, log } = started.run(build, { health });
    await vi.waitFor(() => expect(manager.healthUrl).toBeDefined());

    expect(await probe(manager, '/healthz')).toEqual({
      status: 500,
      text: '[-]disk failed: reason withheld\n[+]ping ok\nhealthz check failed\n',
    });
    expect(await probe(manager, '/healthz/disk')).toEqual({
      status: 500,
      text: '[-]disk failed: disk is full\nhealthz check failed\n',
    });
    expect((await probe(manager, '/healthz/ping')).text).toBe('ok');
    expect((await probe(manager, '/readyz/cache/warm')).text).toBe('ok');
    expect((await probe(manager, '/readyz/?verbose&exclude=no')).text).toBe(
      '[+]cache/warm ok\n[+]manager ok\nwarn: some health checks cannot be excluded: no matches for "no"\nreadyz check passed\n',
    );
    isBroken = false;
    expect((await probe(manager, '/healthz')).text).toBe('ok');
    expect(log.entries.filter(({ message }) => message.startsWith('A health check'))).toEqual([
      expect.objectContaining({
        level: 'warn',
        fields: { check: 'healthz/disk', cause: 'disk is full' },
      }),
      expect.objectContaining({ level: 'info', fields: { check: 'healthz/disk' } }),
    ]);
    await stop();
    expect(manager.healthUrl).toBeUndefined();
  });

  test('not to be ready is information, since every program is not while it starts or stops', async () => {
    const { cluster } = await start();
    await using started = cluster;
    const build = (manager: Manager): void =>
      manager.addReadyzCheck('disk', () => {
        throw new Error('disk is full');
      });
    const { manager, stop, log } = started.run(build, { health });
    await vi.waitFor(() => expect(manager.healthUrl).toBeDefined());

    await probe(manager, '/readyz/disk');

    expect(log.entries.filter(({ message }) => message.startsWith('A health check'))).toEqual([
      expect.objectContaining({
        level: 'info',
        fields: { check: 'readyz/disk', cause: 'disk is full' },
      }),
    ]);
    await stop();
  });

  test('what is no check, no probe and no question is told so', async () => {
    const { cluster } = await start();
    await using started = cluster;
    const { manager, stop } = started.run(() => {}, { health });
    await vi.waitFor(() => expect(manager.healthUrl).toBeDefined());
    const url = String(manager.healthUrl);

    for (const path of ['/', '/livez', '/readyz/nobody', '/readyz/%', '/healthz/manager'])
      expect([path, (await probe(manager, path)).status]).toEqual([path, 404]);
    const posted = await fetch(`${url}/readyz`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const head = await fetch(`${url}/readyz`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    await stop();
  });

  test('causes are told to nobody where that is asked for', async () => {
    const { cluster } = await start();
    await using started = cluster;
    const build = (manager: Manager): void =>
      manager.addReadyzCheck('disk', () => Promise.reject(new Error('secret')));
    const { manager, stop } = started.run(build, { health: { ...health, withholdReasons: true } });
    await vi.waitFor(() => expect(manager.healthUrl).toBeDefined());

    for (const path of ['/readyz', '/readyz?verbose', '/readyz/disk'])
      expect((await probe(manager, path)).text).toContain('[-]disk failed: reason withheld\n');
    await stop();
  });

  test('a port that is taken stops the manager before anything else starts, and the error names it', async () => {
    const { cluster } = await start();
    await using started = cluster;
    const first = started.run(() => {}, { health });
    await vi.waitFor(() => expect(first.manager.healthUrl).toBeDefined());
    const port = Number(new URL(String(first.manager.healthUrl)).port);

    const second = started.run(() => {}, { health: { ...health, port } });

    second.manager.add({
      needsLeaderElection: false,
      run: async () => {
        throw new Error('It was started');
      },
    });
    await expect(second.stop.ended).rejects.toThrow(
      `Cannot serve health checks at 127.0.0.1:${port}: listen EADDRINUSE`,
    );
    await first.stop();
  });
});
