/** The subject that runs our packages: a manager with a shared informer for each resource, two handlers for each, and a controller. */
import { createInterface } from 'node:readline';

import { DeletedFinalStateUnknown, metaNamespaceKeyFunc } from '@kubeloop/cache-store';
import type { ObjectLike } from '@kubeloop/cache-store';
import { defineResource, KubeClient, loadKubeConfig } from '@kubeloop/client';
import { Manager, requestKey } from '@kubeloop/controller';
import type { Logger } from '@kubeloop/controller';
import type { ResourceEventHandler, SharedInformer } from '@kubeloop/informer';

import { groupOf, groupVersions, isGroup } from '../fan-out.ts';
import type { EventMessage, SubjectCommand, SubjectConfig } from '../subject-protocol.ts';
import { shortBackoff } from './short-backoff.ts';
import { say } from './say.ts';

/** A watch that is silent for longer is opened again; the server's bookmarks come once a minute, so most are false alarms. */
const tunedIdleMs = 3000;
/** For how long it lives on after its stop, so that the runner can count its connections. */
const lingerMs = 500;

const [configText = ''] = process.argv.slice(2);
// The runner is the only caller.
const config = JSON.parse(configText) as SubjectConfig;
const isTuned = config.settings === 'tuned';

const behaviour = isTuned ? { requestTimeoutMs: 5000 } : {};
const client = new KubeClient({
  kubeConfig: await loadKubeConfig({ path: config.kubeconfig }),
  http2: config.http2 === true,
  ...behaviour,
});
const logger: Logger = {
  debug() {},
  info() {},
  warn: (_message, fields) => reportError(fields?.['error']),
  error: (_message, fields) => reportError(fields?.['error']),
  child: () => logger,
};
const manager = new Manager({
  client,
  logger,
  ...(isTuned && { reflector: { idleTimeoutMs: tunedIdleMs, backoff: shortBackoff() } }),
});
const informers = new Map<string, SharedInformer<ObjectLike>>();

for (const resource of config.resources) {
  const informer = manager.informerFor(defineResource<ObjectLike>(resource));
  informers.set(resource.plural, informer);
  informer.addEventHandler(handlerFor(resource.plural, 'sync'), { name: 'sync' });
  informer.addEventHandler(later(handlerFor(resource.plural, 'async')), { name: 'async' });
}

addController();

const stop = new AbortController();
const running = manager.run({ signal: stop.signal });
const synced = manager.informers.waitForCacheSync({ signal: stop.signal }).then(
  () => say({ type: 'synced' }),
  (error: unknown) => {
    if (!stop.signal.aborted) throw error;
  },
);

const input = createInterface({ input: process.stdin });
for await (const line of input) {
  // The runner is the only writer.
  const command = JSON.parse(line) as SubjectCommand;
  if (command.cmd === 'stop') break;
  if (command.cmd === 'store') say({ type: 'store', id: command.id, resources: stores() });
  else await reportMemory(command.id);
}
input.close();
process.stdin.destroy();
stop.abort();
await Promise.all([running, synced]);
await client.close();
// One turn later, so that what has just been closed is no longer counted.
setImmediate(() => {
  say({ type: 'stopped', activeResources: process.getActiveResourcesInfo(), lingers: true });
  setTimeout(() => undefined, lingerMs);
});

function handlerFor(resource: string, handler: string): ResourceEventHandler<ObjectLike> {
  const told = (op: EventMessage['op'], object: ObjectLike, more: Partial<EventMessage>): void => {
    const { uid = '', resourceVersion: rv = '' } = object.metadata ?? {};
    const key = metaNamespaceKeyFunc(object);
    say({ type: 'event', resource, handler, op, key, uid, rv, ...more, t: Date.now() });
  };
  return {
    add: (object, initial) => told('add', object, { initial }),
    update: (_old, object) => told('update', object, {}),
    delete(object) {
      if (!DeletedFinalStateUnknown.is(object)) return told('delete', object, {});
      const { key, obj } = object;
      return told('delete', obj ?? { metadata: nameOf(key) }, { tombstone: true });
    },
  };
}

/** The same handler as an asynchronous one, which is given a buffer and falls behind a little. */
function later<T>(handler: ResourceEventHandler<T>): ResourceEventHandler<T> {
  const turn = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  return {
    add: async (object, initial) => turn().then(() => handler.add?.(object, initial)),
    update: async (old, object) => turn().then(() => handler.update?.(old, object)),
    delete: async (object) => turn().then(() => handler.delete?.(object)),
  };
}

/** One that reconciles each object of one resource, and the group of each object of another. */
function addController(): void {
  const main = config.resources.find(({ plural }) => plural === config.reconcile);
  if (main === undefined) return;
  const fanned = config.resources.find(({ plural }) => plural === config.fanOut);
  const builder = manager.controller('chaos').for(defineResource<ObjectLike>(main));
  if (fanned)
    builder.watches(defineResource<ObjectLike>(fanned), (object) => [groupRequest(object)]);
  builder.withOptions({ maxConcurrentReconciles: 4 }).reconcile((request) => {
    const key = requestKey(request);
    const rv = isGroup(key) ? groupVersion(key) : versionOf(main.plural, key);
    say({ type: 'reconcile', key, rv, t: Date.now() });
  });
}

function groupRequest(object: ObjectLike): { namespace: string; name: string } {
  return nameOf(groupOf(metaNamespaceKeyFunc(object)));
}

function versionOf(plural: string, key: string): string {
  return informers.get(plural)?.indexer.getByKey(key)?.metadata?.resourceVersion ?? '';
}

/** What the cache has of a group. */
function groupVersion(group: string): string {
  const all = Object.entries(stores()[config.fanOut ?? ''] ?? {});
  return groupVersions(all.filter(([key]) => groupOf(key) === group)).get(group) ?? '';
}

function stores(): Record<string, Record<string, string>> {
  const contents: Record<string, Record<string, string>> = {};
  for (const [plural, informer] of informers) {
    const versions: Record<string, string> = {};
    for (const object of informer.indexer.values())
      versions[metaNamespaceKeyFunc(object)] = object.metadata?.resourceVersion ?? '';
    contents[plural] = versions;
  }
  return contents;
}

async function reportMemory(id: number): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => void setImmediate(resolve));
  }
  const { rss, heapUsed } = process.memoryUsage();
  say({ type: 'memory', id, rss, heapUsed });
}

function nameOf(key: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}

function reportError(error: unknown): void {
  say({ type: 'error', message: messageOf(error), t: Date.now() });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
