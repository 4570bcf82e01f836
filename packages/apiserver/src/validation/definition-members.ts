import type { JsonObject } from '../json.ts';
import { prune } from './schema.ts';

/** What is not looked into: text, numbers, and JSON of any kind such as a default. */
const any: JsonObject = { 'x-kubernetes-preserve-unknown-fields': true };

/**
 * The members of a CustomResourceDefinition, as `types.go` and `types_jsonschema.go` of apiextensions v1 have them.
 *
 * @param inside - whether schemas that stand where something else may stand too (`items`, `additionalProperties` and the
 *   like) are looked into. The real server decodes those apart from the rest: it drops what it does not know there, and
 *   tells nobody.
 */
function definitionSchema(inside: boolean): JsonObject {
  const names = record('plural singular shortNames kind listKind categories');
  const condition = record('type status lastTransitionTime reason message observedGeneration');
  const column = record('name type format description priority jsonPath');
  const subresources = record('', {
    status: record(''),
    scale: record('specReplicasPath statusReplicasPath labelSelectorPath'),
  });
  const version = record('name served storage deprecated deprecationWarning', {
    schema: record('', { openAPIV3Schema: schemaOfSchemas(inside) }),
    subresources,
    additionalPrinterColumns: { items: column },
    selectableFields: { items: record('jsonPath') },
  });
  const service = record('namespace name path port');
  const webhook = record('conversionReviewVersions', {
    clientConfig: record('url caBundle', { service }),
  });
  const spec = record('group scope preserveUnknownFields', {
    names,
    versions: { items: version },
    conversion: record('strategy', { webhook }),
  });
  const status = record('storedVersions observedGeneration', {
    acceptedNames: names,
    conditions: { items: condition },
  });
  return record('', { spec, status });
}

/** The schema of a JSON schema. It contains itself. */
function schemaOfSchemas(inside: boolean): JsonObject {
  const properties: Record<string, JsonObject> = {};
  const self: JsonObject = { properties };
  const map: JsonObject = { additionalProperties: self };
  const rule = record('rule message messageExpression reason fieldPath optionalOldSelf');
  const plain = record(
    `id $schema $ref description type format title default maximum exclusiveMaximum minimum exclusiveMinimum
    maxLength minLength pattern maxItems minItems uniqueItems multipleOf enum maxProperties minProperties required
    example nullable x-kubernetes-preserve-unknown-fields x-kubernetes-embedded-resource x-kubernetes-int-or-string
    x-kubernetes-list-map-keys x-kubernetes-list-type x-kubernetes-map-type`,
    {
      ...Object.fromEntries(['allOf', 'oneOf', 'anyOf'].map((name) => [name, { items: self }])),
      ...Object.fromEntries(
        ['properties', 'patternProperties', 'definitions'].map((name) => [name, map]),
      ),
      not: self,
      items: inside ? { ...self, items: self } : any,
      additionalProperties: inside ? self : any,
      additionalItems: inside ? self : any,
      dependencies: inside ? map : any,
      externalDocs: record('description url'),
      'x-kubernetes-validations': { items: rule },
    },
  );
  Object.assign(properties, plain['properties']);
  return self;
}

/** The schema of an object with these members: names of those that are not looked into, and the schemas of others. */
function record(names: string, others: Readonly<Record<string, JsonObject>> = {}): JsonObject {
  const plain = names.split(/\s+/).filter((name) => name !== '');
  return { properties: { ...Object.fromEntries(plain.map((name) => [name, any])), ...others } };
}

const told = definitionSchema(false);
const dropped = definitionSchema(true);

/**
 * Removes the members that a CustomResourceDefinition does not have from one, in place, its schemas included.
 *
 * @param kept - members at the top that stay
 * @param unknown - gets the paths of those that the real server tells of
 */
export function pruneDefinition(
  definition: JsonObject,
  kept: readonly string[],
  unknown: string[],
): void {
  prune(definition, told, { kept, dropped: unknown });
  prune(definition, dropped, { kept });
}
