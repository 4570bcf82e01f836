import { arrayAt, isObject, stringAt, valueAt, type KubeObject } from '../json.ts';
import { fieldError, type StatusCause } from '../status.ts';

/** What is wrong with an update of a definition: what its objects' paths and kind are made of is fixed. */
export function validateDefinitionUpdate(old: KubeObject, definition: KubeObject): StatusCause[] {
  const established = arrayAt(old, 'status', 'conditions').some(
    (condition) =>
      stringAt(condition, 'type') === 'Established' && stringAt(condition, 'status') === 'True',
  );
  const fixed = [
    ...(established ? [['scope'], ['names', 'kind']] : []),
    ['group'],
    ['names', 'plural'],
  ];
  return fixed.flatMap((path) => {
    const wanted = stringAt(definition, 'spec', ...path);
    if (wanted === stringAt(old, 'spec', ...path)) return [];
    return [fieldError.invalid(`spec.${path.join('.')}`, wanted, 'field is immutable')];
  });
}

/** What is wrong with a CustomResourceDefinition; a small part of what the real server checks. */
export function validateCustomResourceDefinition(definition: KubeObject): StatusCause[] {
  const causes: StatusCause[] = [];
  const group = stringAt(definition, 'spec', 'group');
  const plural = stringAt(definition, 'spec', 'names', 'plural');
  const required = [['group'], ['scope'], ['names', 'plural'], ['names', 'kind']];
  for (const path of required) {
    if (stringAt(definition, 'spec', ...path) === '') {
      causes.push(fieldError.required(`spec.${path.join('.')}`));
    }
  }
  if (causes.length === 0 && definition.metadata.name !== `${plural}.${group}`) {
    causes.push(
      fieldError.invalid(
        'metadata.name',
        definition.metadata.name,
        `must be spec.names.plural+"."+spec.group`,
      ),
    );
  }
  const scope = stringAt(definition, 'spec', 'scope');
  if (scope !== '' && scope !== 'Namespaced' && scope !== 'Cluster') {
    causes.push(fieldError.notSupported('spec.scope', scope, ['Cluster', 'Namespaced']));
  }
  const versions = arrayAt(definition, 'spec', 'versions');
  const stored = versions.filter((version) => isObject(version) && version['storage'] === true);
  if (stored.length !== 1) {
    causes.push(
      fieldError.invalid(
        'spec.versions',
        versions,
        'must have exactly one version marked as storage version',
      ),
    );
  }
  versions.forEach((version, index) => {
    if (!isObject(valueAt(version, ['schema', 'openAPIV3Schema']))) {
      causes.push(
        fieldError.required(
          `spec.versions[${index}].schema.openAPIV3Schema`,
          'schemas are required',
        ),
      );
    }
  });
  return causes;
}
