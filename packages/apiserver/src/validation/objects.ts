import {
  arrayAt,
  equalJson,
  isObject,
  objectAt,
  stringAt,
  valueAt,
  type JsonValue,
  type KubeObject,
} from '../json.ts';
import { fieldError, type StatusCause } from '../status.ts';
import { dataKeyRule } from './names.ts';

type Check = (object: KubeObject) => StatusCause[];
type UpdateCheck = (old: KubeObject, object: KubeObject) => StatusCause[];

const workload: Check = (object) => {
  const causes: StatusCause[] = [];
  const selector = valueAt(object, ['spec', 'selector']);
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels');
  if (!isObject(selector)) causes.push(fieldError.required('spec.selector'));
  const wanted = Object.entries(objectAt(selector, 'matchLabels'));
  if (!isObject(selector) || !wanted.every(([key, value]) => labels[key] === value)) {
    const text = '`selector` does not match template `labels`';
    causes.push(fieldError.invalid('spec.template.metadata.labels', labels, text));
  }
  causes.push(...replicas(object), ...containers(object, ['spec', 'template', 'spec']));
  return causes;
};

const replicas: Check = (object) => {
  const count = valueAt(object, ['spec', 'replicas']);
  if (typeof count !== 'number' || count >= 0) return [];
  return [fieldError.invalid('spec.replicas', count, 'must be greater than or equal to 0')];
};

function containers(object: KubeObject, path: readonly string[]): StatusCause[] {
  const field = [...path, 'containers'].join('.');
  const list = arrayAt(object, ...path, 'containers');
  if (list.length === 0) return [fieldError.required(field)];
  const names = new Set<JsonValue>();
  return list.flatMap((item, index) => {
    const causes: StatusCause[] = [];
    const name = isObject(item) ? item['name'] : undefined;
    if (typeof name !== 'string' || name === '') {
      causes.push(fieldError.required(`${field}[${index}].name`));
    } else if (names.has(name)) {
      causes.push(fieldError.duplicate(`${field}[${index}].name`, name));
    } else names.add(name);
    if (stringAt(item, 'image') === '') {
      causes.push(fieldError.required(`${field}[${index}].image`));
    }
    return causes;
  });
}

const service: Check = (object) => {
  if (stringAt(object, 'spec', 'type') === 'ExternalName') return [];
  if (stringAt(object, 'spec', 'clusterIP') === 'None') return [];
  return arrayAt(object, 'spec', 'ports').length > 0 ? [] : [fieldError.required('spec.ports')];
};

const dataKeys: Check = (object) =>
  ['data', 'binaryData'].flatMap((member) =>
    Object.keys(objectAt(object, member)).flatMap((key) =>
      dataKeyRule(key).map((problem) => fieldError.invalid(`${member}[${key}]`, key, problem)),
    ),
  );

/** Checks of new states, by storage id. */
const checks: Readonly<Record<string, Check>> = {
  '/pods': (object) => containers(object, ['spec']),
  '/services': service,
  '/configmaps': dataKeys,
  '/secrets': dataKeys,
  'apps/deployments': workload,
  'apps/replicasets': workload,
  'apps/statefulsets': workload,
  'apps/daemonsets': workload,
};

const immutableSelector: UpdateCheck = (old, object) => {
  const selector = valueAt(object, ['spec', 'selector']);
  if (equalJson(valueAt(old, ['spec', 'selector']), selector)) return [];
  return [fieldError.invalid('spec.selector', selector, 'field is immutable')];
};

const immutableData: UpdateCheck = (old, object) => {
  if (old['immutable'] !== true) return [];
  const same = ['data', 'binaryData', 'stringData'].every((key) =>
    equalJson(old[key], object[key]),
  );
  if (same && object['immutable'] === true) return [];
  const field = object['immutable'] === true ? 'data' : 'immutable';
  return [fieldError.forbidden(field, 'field is immutable when `immutable` is set')];
};

const podSpec: UpdateCheck = (old, object) => {
  const fixed = (pod: KubeObject): JsonValue => {
    const spec = { ...objectAt(pod, 'spec') };
    delete spec['activeDeadlineSeconds'];
    delete spec['tolerations'];
    delete spec['terminationGracePeriodSeconds'];
    if (arrayAt(spec, 'schedulingGates').length === 0) delete spec['schedulingGates'];
    for (const list of ['containers', 'initContainers']) {
      if (spec[list] === undefined) continue;
      spec[list] = arrayAt(spec, list).map((item) => {
        const copy = isObject(item) ? { ...item } : {};
        delete copy['image'];
        return copy;
      });
    }
    return spec;
  };
  if (equalJson(fixed(old), fixed(object))) return [];
  return [
    fieldError.forbidden(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ];
};

const fixedAddress: UpdateCheck = (old, object) => {
  const before = arrayAt(old, 'spec', 'clusterIPs');
  const wanted = stringAt(object, 'spec', 'clusterIP');
  const types = [old, object].map((service) => stringAt(service, 'spec', 'type'));
  if (types.includes('ExternalName') || before.length === 0 || wanted === before[0]) return [];
  return [fieldError.invalid('spec.clusterIPs[0]', [wanted], 'may not change once set')];
};

/** Checks of updates, by storage id. */
const updateChecks: Readonly<Record<string, UpdateCheck>> = {
  '/pods': podSpec,
  '/services': fixedAddress,
  '/configmaps': immutableData,
  '/secrets': immutableData,
  'apps/deployments': immutableSelector,
  'apps/replicasets': immutableSelector,
  'apps/statefulsets': immutableSelector,
  'apps/daemonsets': immutableSelector,
  'batch/jobs': immutableSelector,
};

/** What is wrong with a built-in object; a small part of what the real server checks. */
export function validateBuiltIn(
  storageId: string,
  object: KubeObject,
  old: KubeObject | undefined,
): StatusCause[] {
  const found = checks[storageId]?.(object) ?? [];
  return old === undefined ? found : [...found, ...(updateChecks[storageId]?.(old, object) ?? [])];
}
