/**
 * The subject that runs the informers of `@kubernetes/client-node` as its own example does: after an `error` the informer is
 * started again five seconds later. Two things are added that the example lacks: a start that rejects is treated like an
 * `error`, because the process would end otherwise, and a stop forgets the restarts.
 */
import { createInterface } from 'node:readline';

import { CoreV1Api, CustomObjectsApi, KubeConfig, makeInformer } from '@kubernetes/client-node';
import type { KubernetesListObject, KubernetesObject } from '@kubernetes/client-node';

import type {
  EventMessage,
  SubjectCommand,
  SubjectConfig,
  SubjectResource,
} from '../subject-protocol.ts';
import { say } from './say.ts';

/** The delay of the example `informer.ts` in its repository. */
const restartMs = 5000;

const [configText = ''] = process.argv.slice(2);
// The runner is the only caller.
const config = JSON.parse(configText) as SubjectConfig;
const kubeConfig = new KubeConfig();
kubeConfig.loadFromFile(config.kubeconfig);
const core = kubeConfig.makeApiClient(CoreV1Api);
const customObjects = kubeConfig.makeApiClient(CustomObjectsApi);

type Informer = ReturnType<typeof makeInformer<KubernetesObject>>;
type List = KubernetesListObject<KubernetesObject>;

const informers = new Map<string, Informer>();
const restarts = new Map<string, NodeJS.Timeout>();
const unlisted = new Set(config.resources.map(({ plural }) => plural));
let isStopping = false;

for (const resource of config.resources) {
  const informer = makeInformer<KubernetesObject>(kubeConfig, pathOf(resource), async () => {
    const list = await listOf(resource);
    // The informer takes the list over before anything else happens.
    setImmediate(() => listed(resource.plural));
    return list;
  });
  informers.set(resource.plural, informer);
  informer.on('add', (object) => told(resource.plural, 'add', object));
  informer.on('update', (object) => told(resource.plural, 'update', object));
  informer.on('delete', (object) => told(resource.plural, 'delete', object));
  informer.on('error', (error: unknown) => failed(resource.plural, error));
  start(resource.plural);
}

const input = createInterface({ input: process.stdin });
for await (const line of input) {
  // The runner is the only writer.
  const command = JSON.parse(line) as SubjectCommand;
  if (command.cmd === 'stop') break;
  if (command.cmd === 'store') say({ type: 'store', id: command.id, resources: stores() });
  else await reportMemory(command.id);
}
isStopping = true;
input.close();
process.stdin.destroy();
for (const timer of restarts.values()) clearTimeout(timer);
for (const informer of informers.values()) await informer.stop();
setImmediate(() => {
  say({ type: 'stopped', activeResources: process.getActiveResourcesInfo() });
});

function start(plural: string): void {
  informers
    .get(plural)
    ?.start()
    .catch((error: unknown) => failed(plural, error));
}

function failed(plural: string, error: unknown): void {
  if (isStopping) return;
  say({ type: 'error', message: `${plural}: ${messageOf(error)}`, t: Date.now() });
  if (restarts.has(plural)) return;
  const timer = setTimeout(() => {
    restarts.delete(plural);
    start(plural);
  }, restartMs);
  restarts.set(plural, timer);
}

function listed(plural: string): void {
  if (unlisted.delete(plural) && unlisted.size === 0) say({ type: 'synced' });
}

async function listOf({ group, version, plural }: SubjectResource): Promise<List> {
  if (plural === 'configmaps') return core.listConfigMapForAllNamespaces();
  if (plural === 'secrets') return core.listSecretForAllNamespaces();
  const list: unknown = await customObjects.listClusterCustomObject({ group, version, plural });
  // The client says `any` for lists of custom objects.
  return list as List;
}

function pathOf({ group, version, plural }: SubjectResource): string {
  return group === '' ? `/api/${version}/${plural}` : `/apis/${group}/${version}/${plural}`;
}

function told(resource: string, op: EventMessage['op'], object: KubernetesObject): void {
  const { uid = '', resourceVersion: rv = '' } = object.metadata ?? {};
  say({ type: 'event', resource, op, key: keyOf(object), uid, rv, t: Date.now() });
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}

function stores(): Record<string, Record<string, string>> {
  const contents: Record<string, Record<string, string>> = {};
  for (const [plural, informer] of informers) {
    const versions: Record<string, string> = {};
    for (const object of informer.list()) {
      versions[keyOf(object)] = object.metadata?.resourceVersion ?? '';
    }
    contents[plural] = versions;
  }
  return contents;
}

async function reportMemory(id: number): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => void setImmediate(resolve));
  }
  const { rss, heapUsed } = process.memoryUsage();
  say({ type: 'memory', id, rss, heapUsed });
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}
