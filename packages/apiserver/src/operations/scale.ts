import {
  cloneJson,
  isObject,
  stringAt,
  textOf,
  valueAt,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../json.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { badRequest, fieldError, invalid, notFound } from '../status.ts';

/** Where a resource keeps what its scale shows. */
interface ScalePaths {
  readonly replicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly selector: readonly string[] | undefined;
}

function pathsOf(resource: ResourceDefinition): ScalePaths {
  const scale = resource.custom?.scale;
  if (scale === undefined) {
    return {
      replicas: ['spec', 'replicas'],
      statusReplicas: ['status', 'replicas'],
      selector: undefined,
    };
  }
  const path = (name: string): string[] =>
    stringAt(scale, name)
      .split('.')
      .filter((part) => part !== '');
  const selector = path('labelSelectorPath');
  return {
    replicas: path('specReplicasPath'),
    statusReplicas: path('statusReplicasPath'),
    selector: selector.length === 0 ? undefined : selector,
  };
}

/** The `autoscaling/v1` Scale of an object. */
export function scaleOf(resource: ResourceDefinition, object: KubeObject): JsonObject {
  const paths = pathsOf(resource);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = valueAt(object, paths.replicas);
  const selector = selectorText(object, paths);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === undefined || replicas === 0 ? {} : { replicas },
    status: {
      replicas: valueAt(object, paths.statusReplicas) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

function selectorText(object: KubeObject, { selector }: ScalePaths): string {
  if (selector !== undefined) return stringAt(object, ...selector);
  const labels = valueAt(object, ['spec', 'selector', 'matchLabels']) ?? {};
  return Object.entries(isObject(labels) ? labels : {})
    .map(([key, value]) => `${key}=${textOf(value)}`)
    .sort()
    .join(',');
}

/**
 * The object with the replicas and the resourceVersion of a Scale.
 *
 * @throws StatusError 400, 404 or 422
 */
export function withScale(
  resource: ResourceDefinition,
  object: KubeObject,
  scale: JsonValue,
): KubeObject {
  if (!isObject(scale))
    throw badRequest('the object provided is unrecognized (must be of type Scale)');
  const { replicas: path } = pathsOf(resource);
  const replicas = valueAt(scale, ['spec', 'replicas']) ?? 0;
  if (typeof replicas !== 'number') throw badRequest('spec.replicas of a Scale is not a number');
  if (replicas < 0) {
    throw invalid({ group: 'autoscaling', name: 'Scale' }, object.metadata.name, [
      fieldError.invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  }
  const copy = cloneJson(object);
  let parent: JsonObject = copy;
  for (const step of path.slice(0, -1)) {
    const next: JsonObject = isObject(parent[step]) ? parent[step] : {};
    parent[step] = next;
    parent = next;
  }
  const last = path.at(-1);
  if (last === undefined) throw notFound(resource.resourceName, object.metadata.name);
  parent[last] = replicas;
  const sentVersion = stringAt(scale, 'metadata', 'resourceVersion');
  if (sentVersion !== '') copy.metadata.resourceVersion = sentVersion;
  return copy;
}
