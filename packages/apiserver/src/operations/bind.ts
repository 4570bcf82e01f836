import { arrayAt, isObject, objectAt, stringAt, type JsonValue, type KubeObject } from '../json.ts';
import { badRequest, conflict, notFound } from '../status.ts';
import { timestamp, type Cluster, type WriteRequest } from './context.ts';

/**
 * Binds a pod to the node of a Binding, as a scheduler does.
 *
 * @throws StatusError 400, 404 or 409
 */
export function bindPod(
  cluster: Cluster,
  request: WriteRequest,
  name: string,
  binding: JsonValue,
): void {
  const { storage } = cluster;
  if (stringAt(binding, 'metadata', 'name') !== name) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  const pod = storage.get('/pods', request.namespace, name);
  if (pod === undefined) throw notFound({ group: '', name: 'pods' }, name);
  const node = stringAt(binding, 'target', 'name');
  if (node === '') throw badRequest('target.name: Required value');
  const held = stringAt(pod, 'spec', 'nodeName');
  const refuse = (why: string): Error => conflict({ group: '', name: 'pods/binding' }, name, why);
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (held !== '') throw refuse(`pod ${name} is already assigned to node "${held}"`);
  if (request.dryRun) return;
  storage.put('/pods', bound(pod, node, timestamp(cluster.wallClock())));
}

function bound(pod: KubeObject, nodeName: string, now: string): KubeObject {
  const conditions = arrayAt(pod, 'status', 'conditions').filter(
    (condition) => !isObject(condition) || condition['type'] !== 'PodScheduled',
  );
  conditions.push({
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: now,
  });
  return {
    ...pod,
    spec: { ...objectAt(pod, 'spec'), nodeName },
    status: { ...objectAt(pod, 'status'), conditions },
  };
}
