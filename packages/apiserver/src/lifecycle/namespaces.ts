import { arrayAt, objectAt, stringAt, type KubeObject } from '../json.ts';
import type { Cluster } from '../operations/context.ts';
import { timestamp } from '../operations/context.ts';
import { deleteObject } from '../operations/delete.ts';
import { isDeleted } from '../operations/update.ts';
import type { Turn } from './turn.ts';

/** Namespaces that are there from the start. */
const initial = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const KEEPER = 'kubernetes';

/** Empties namespaces under deletion and then lets them go. */
export class NamespaceController {
  readonly #cluster: Cluster;
  readonly #turn: Turn;
  #unsubscribe: (() => void) | undefined;

  constructor(cluster: Cluster, turn: Turn) {
    this.#cluster = cluster;
    this.#turn = turn;
  }

  start(): void {
    this.#unsubscribe = this.#cluster.storage.subscribe((table, { object, deleted }) => {
      const name = table.id === '/namespaces' ? object.metadata.name : object.metadata.namespace;
      if (name === undefined || (table.id !== '/namespaces' && !deleted)) return;
      if (this.#terminating(name) !== undefined) {
        this.#turn.schedule(`namespace/${name}`, () => this.#empty(name));
      }
    });
    for (const name of initial) this.#create(name);
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  #terminating(name: string): KubeObject | undefined {
    const found = this.#cluster.storage.get('/namespaces', undefined, name);
    return found?.metadata.deletionTimestamp === undefined ? undefined : found;
  }

  #create(name: string): void {
    this.#cluster.storage.put('/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        uid: crypto.randomUUID(),
        creationTimestamp: timestamp(this.#cluster.wallClock()),
        labels: { 'kubernetes.io/metadata.name': name },
      },
      spec: { finalizers: [KEEPER] },
      status: { phase: 'Active' },
    });
  }

  #empty(name: string): void {
    const { storage, registry } = this.#cluster;
    const namespace = this.#terminating(name);
    if (namespace === undefined) return;
    let left = 0;
    for (const table of storage.tables()) {
      const resource = registry.findStorage(table.id);
      if (resource?.namespaced !== true) continue;
      for (const object of table.values()) {
        if (object.metadata.namespace !== name) continue;
        const options = { propagationPolicy: 'Background' as const };
        const marked = object.metadata.deletionTimestamp !== undefined;
        if (marked || !deleteObject(this.#cluster, resource, object, options).gone) left += 1;
      }
    }
    const current = this.#terminating(name);
    if (left > 0 || current === undefined) return;
    this.#release(current);
  }

  #release(namespace: KubeObject): void {
    const { storage } = this.#cluster;
    const finalizers = arrayAt(namespace, 'spec', 'finalizers').filter((item) => item !== KEEPER);
    const spec = objectAt(namespace, 'spec');
    const next: KubeObject = { ...namespace, spec: { ...spec, finalizers } };
    if (finalizers.length === 0) next['spec'] = {};
    if (isDeleted('/namespaces', next)) storage.remove('/namespaces', next);
    else if (
      stringAt(namespace, 'metadata', 'name') !== '' &&
      finalizers.length < arrayAt(spec, 'finalizers').length
    ) {
      storage.put('/namespaces', next);
    }
  }
}
