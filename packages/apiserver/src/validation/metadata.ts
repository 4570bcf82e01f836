import {
  isObject,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  type OwnerReference,
} from '../json.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { fieldError, type StatusCause } from '../status.ts';
import { labelValueRule, nameRule, qualifiedNameRule } from './names.ts';

/** What is wrong with the metadata of an object that is about to be stored. */
export function validateMetadata(resource: ResourceDefinition, object: KubeObject): StatusCause[] {
  const { metadata } = object;
  const causes: StatusCause[] = [];
  const rule = nameRule(resource.storageId);
  for (const problem of rule(metadata.name)) {
    causes.push(fieldError.invalid('metadata.name', metadata.name, problem));
  }
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    for (const problem of qualifiedNameRule(key)) {
      causes.push(fieldError.invalid('metadata.labels', key, problem));
    }
    for (const problem of labelValueRule(value)) {
      causes.push(fieldError.invalid('metadata.labels', value, problem));
    }
  }
  for (const key of Object.keys(metadata.annotations ?? {})) {
    for (const problem of qualifiedNameRule(key.toLowerCase())) {
      causes.push(fieldError.invalid('metadata.annotations', key, problem));
    }
  }
  (metadata.finalizers ?? []).forEach((finalizer, index) => {
    causes.push(...validateFinalizer(finalizer, `metadata.finalizers[${index}]`));
  });
  causes.push(...validateOwners(metadata.ownerReferences ?? []));
  return causes;
}

function validateFinalizer(finalizer: string, field: string): StatusCause[] {
  const problems = qualifiedNameRule(finalizer);
  if (problems.length > 0) {
    return problems.map((problem) => fieldError.invalid('metadata.finalizers', finalizer, problem));
  }
  const known = ['orphan', 'foregroundDeletion', 'kubernetes'];
  if (finalizer.includes('/') || known.includes(finalizer)) return [];
  return [
    fieldError.invalid(
      field,
      finalizer,
      'name is neither a standard finalizer name nor is it fully qualified',
    ),
  ];
}

function validateOwners(owners: readonly OwnerReference[]): StatusCause[] {
  const causes: StatusCause[] = [];
  const controllers: string[] = [];
  for (const owner of owners) {
    const field = 'metadata.ownerReferences';
    const empty = (name: string, detail: string): void => {
      causes.push(fieldError.invalid(`${field}.${name}`, '', detail));
    };
    if (!owner.apiVersion) empty('apiVersion', 'version must not be empty');
    if (!owner.kind) empty('kind', 'must not be empty');
    if (!owner.name) empty('name', 'must not be empty');
    if (!owner.uid) empty('uid', 'must not be empty');
    if (owner.controller === true) controllers.push(`${owner.kind}/${owner.name}`);
  }
  if (controllers.length > 1) {
    causes.push(
      fieldError.invalid(
        'metadata.ownerReferences',
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${controllers[1]}`,
      ),
    );
  }
  return causes;
}

/** What is wrong with an update of the metadata. */
export function validateMetadataUpdate(old: KubeObject, object: KubeObject): StatusCause[] {
  const causes: StatusCause[] = [];
  if (old.metadata.deletionTimestamp !== undefined) {
    const held = old.metadata.finalizers ?? [];
    const added = (object.metadata.finalizers ?? []).filter((name) => !held.includes(name));
    if (added.length > 0) {
      causes.push(
        fieldError.forbidden(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
        ),
      );
    }
  }
  return causes;
}

/** Whether members that must be lists or maps of strings are that; the reason when they are not. */
export function metadataShapeProblem(metadata: JsonObject): string | undefined {
  for (const key of ['labels', 'annotations']) {
    const problem = stringMapProblem(metadata[key], `ObjectMeta.metadata.${key}`);
    if (problem !== undefined) return problem;
  }
  for (const key of ['finalizers', 'ownerReferences']) {
    const list = metadata[key] ?? [];
    const type = key === 'finalizers' ? '[]string' : '[]v1.OwnerReference';
    if (!Array.isArray(list)) {
      return `json: cannot unmarshal ${goType(list)} into Go struct field ObjectMeta.metadata.${key} of type ${type}`;
    }
    const fits = (item: JsonValue): boolean =>
      key === 'finalizers' ? typeof item === 'string' : isObject(item);
    const wrong = list.find((item) => !fits(item));
    if (wrong !== undefined) {
      return `json: cannot unmarshal ${goType(wrong)} into Go struct field ObjectMeta.metadata.${key} of type ${type.slice(2)}`;
    }
  }
  return undefined;
}

/** Whether a value is absent or a map of strings; the reason when it is not. */
export function stringMapProblem(value: JsonValue | undefined, field: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) {
    return `json: cannot unmarshal ${goType(value)} into Go struct field ${field} of type map[string]string`;
  }
  const wrong = Object.values(value).find(
    (member) => typeof member !== 'string' && member !== null,
  );
  if (wrong === undefined) return undefined;
  return `json: cannot unmarshal ${goType(wrong)} into Go struct field ${field} of type string`;
}

function goType(value: JsonValue): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
