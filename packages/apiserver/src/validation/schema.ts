import {
  cloneJson,
  equalJson,
  isObject,
  textOf,
  type JsonObject,
  type JsonValue,
} from '../json.ts';
import { fieldError, type StatusCause } from '../status.ts';

/** What {@link prune} is to keep and to tell. */
export interface Pruning {
  /** Members of the top that stay in any case. */
  readonly kept: readonly string[];
  /** Gets the paths of what was removed; default nobody. */
  readonly dropped?: string[];
}

/** Removes members that a structural schema does not name, in place. */
export function prune(value: JsonValue, schema: JsonObject, pruning: Pruning): void {
  pruneAt(value, schema, { ...pruning, path: '' });
}

function pruneAt(
  value: JsonValue,
  schema: JsonObject,
  place: Pruning & { readonly path: string },
): void {
  const { kept, dropped, path } = place;
  const inner = (step: string): Pruning & { path: string } => ({
    kept: [],
    path: path + step,
    ...(dropped === undefined ? {} : { dropped }),
  });
  if (Array.isArray(value)) {
    const items = schema['items'];
    if (isObject(items)) value.forEach((item, index) => pruneAt(item, items, inner(`[${index}]`)));
    return;
  }
  if (!isObject(value)) return;
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const additional = schema['additionalProperties'];
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const keepsAll = schema['x-kubernetes-preserve-unknown-fields'] === true || additional === true;
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined || kept.includes(key)) continue;
    const child = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const step = path === '' ? key : `.${key}`;
    if (isObject(child)) pruneAt(member, child, inner(step));
    else if (isObject(additional)) pruneAt(member, additional, inner(step));
    else if (!keepsAll && !(embedded && ['apiVersion', 'kind', 'metadata'].includes(key))) {
      dropped?.push(path + step);
      delete value[key];
    }
  }
}

/** Fills the defaults of a schema, in place; only into objects that are there. */
export function setSchemaDefaults(value: JsonValue, schema: JsonObject): void {
  if (Array.isArray(value)) {
    const items = schema['items'];
    if (isObject(items)) for (const item of value) setSchemaDefaults(item, items);
    return;
  }
  if (!isObject(value)) return;
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  for (const [key, child] of Object.entries(properties)) {
    if (!isObject(child)) continue;
    const standard = child['default'];
    const unset = value[key] === undefined || (value[key] === null && child['nullable'] !== true);
    if (unset && standard !== undefined) value[key] = cloneJson(standard);
    const member = value[key];
    if (member !== undefined) setSchemaDefaults(member, child);
  }
  const additional = schema['additionalProperties'];
  if (!isObject(additional)) return;
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined && !Object.hasOwn(properties, key))
      setSchemaDefaults(member, additional);
  }
}

/** What does not fit the schema. CEL rules (`x-kubernetes-validations`) are not evaluated. */
export function validateSchema(value: JsonValue, schema: JsonObject, field = ''): StatusCause[] {
  if (value === null && schema['nullable'] === true) return [];
  const wrongType = typeProblem(value, schema, field);
  if (wrongType !== undefined) return [wrongType];
  const causes = [...enumProblem(value, schema, field), ...combined(value, schema, field)];
  if (typeof value === 'number') causes.push(...numberProblems(value, schema, field));
  else if (typeof value === 'string') causes.push(...stringProblems(value, schema, field));
  else if (Array.isArray(value)) causes.push(...arrayProblems(value, schema, field));
  else if (isObject(value)) causes.push(...objectProblems(value, schema, field));
  return causes;
}

function typeProblem(value: JsonValue, schema: JsonObject, field: string): StatusCause | undefined {
  const actual = typeOf(value);
  if (schema['x-kubernetes-int-or-string'] === true) {
    if (actual === 'integer' || actual === 'string') return undefined;
    const text = `${field} in body must be of type integer,string: "${actual}"`;
    return fieldError.typeInvalid(field, actual, text);
  }
  const wanted = schema['type'];
  if (typeof wanted !== 'string' || wanted === actual) return undefined;
  if (wanted === 'number' && actual === 'integer') return undefined;
  const text = `${field} in body must be of type ${wanted}: "${actual}"`;
  return fieldError.typeInvalid(field, actual, text);
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function enumProblem(value: JsonValue, schema: JsonObject, field: string): StatusCause[] {
  const allowed = schema['enum'];
  if (!Array.isArray(allowed) || allowed.some((item) => equalJson(item, value))) return [];
  return [fieldError.notSupported(field, value, allowed)];
}

function numberProblems(value: number, schema: JsonObject, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const fail = (text: string): void => {
    causes.push(fieldError.invalid(field, value, `${field} in body should be ${text}`));
  };
  const { minimum, maximum, multipleOf } = schema;
  if (typeof minimum === 'number') {
    if (schema['exclusiveMinimum'] === true && value <= minimum) fail(`greater than ${minimum}`);
    else if (value < minimum) fail(`greater than or equal to ${minimum}`);
  }
  if (typeof maximum === 'number') {
    if (schema['exclusiveMaximum'] === true && value >= maximum) fail(`less than ${maximum}`);
    else if (value > maximum) fail(`less than or equal to ${maximum}`);
  }
  if (typeof multipleOf === 'number' && !Number.isInteger(value / multipleOf)) {
    fail(`a multiple of ${multipleOf}`);
  }
  return causes;
}

function stringProblems(value: string, schema: JsonObject, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const length = Array.from(value).length;
  const { minLength, maxLength, pattern } = schema;
  if (typeof maxLength === 'number' && length > maxLength) {
    causes.push(fieldError.tooLong(field, maxLength));
  }
  if (typeof minLength === 'number' && length < minLength) {
    const text = `${field} in body should be at least ${minLength} chars long`;
    causes.push(fieldError.invalid(field, value, text));
  }
  if (typeof pattern === 'string' && !new RegExp(pattern).test(value)) {
    causes.push(fieldError.invalid(field, value, `${field} in body should match '${pattern}'`));
  }
  return causes;
}

function arrayProblems(value: JsonValue[], schema: JsonObject, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const { minItems, maxItems, items } = schema;
  if (typeof maxItems === 'number' && value.length > maxItems) {
    causes.push(fieldError.tooMany(field, value.length, maxItems));
  }
  if (typeof minItems === 'number' && value.length < minItems) {
    const text = `${field} in body should have at least ${minItems} items`;
    causes.push(fieldError.invalid(field, value.length, text));
  }
  causes.push(...duplicates(value, schema, field));
  if (isObject(items)) {
    value.forEach((item, index) =>
      causes.push(...validateSchema(item, items, `${field}[${index}]`)),
    );
  }
  return causes;
}

function duplicates(value: JsonValue[], schema: JsonObject, field: string): StatusCause[] {
  const keys = Array.isArray(schema['x-kubernetes-list-map-keys'])
    ? schema['x-kubernetes-list-map-keys']
    : undefined;
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return [];
  const seen: JsonValue[] = [];
  return value.flatMap((item, index) => {
    const identity =
      keys === undefined || !isObject(item)
        ? item
        : Object.fromEntries(keys.map((key) => [textOf(key), item[textOf(key)]]));
    const repeated = seen.some((held) => equalJson(held, identity));
    seen.push(identity);
    return repeated ? [fieldError.duplicate(`${field}[${index}]`, identity)] : [];
  });
}

function objectProblems(value: JsonObject, schema: JsonObject, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const path = (key: string): string => (field === '' ? key : `${field}.${key}`);
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  for (const key of required) {
    if (value[textOf(key)] === undefined) causes.push(fieldError.required(path(textOf(key))));
  }
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const additional = schema['additionalProperties'];
  const { maxProperties } = schema;
  if (typeof maxProperties === 'number' && Object.keys(value).length > maxProperties) {
    causes.push(fieldError.tooMany(field, Object.keys(value).length, maxProperties));
  }
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    const child = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (isObject(child)) causes.push(...validateSchema(member, child, path(key)));
    else if (isObject(additional)) causes.push(...validateSchema(member, additional, path(key)));
  }
  return causes;
}

function combined(value: JsonValue, schema: JsonObject, field: string): StatusCause[] {
  const fits = (part: JsonValue): boolean =>
    isObject(part) && validateSchema(value, part, field).length === 0;
  const causes: StatusCause[] = [];
  const fail = (rule: string): void => {
    const text = `${field === '' ? '""' : `"${field}"`} must validate ${rule}`;
    causes.push(fieldError.invalid(field, value, text));
  };
  const { allOf, anyOf, oneOf, not } = schema;
  if (Array.isArray(allOf)) {
    for (const part of allOf)
      if (isObject(part)) causes.push(...validateSchema(value, part, field));
  }
  if (Array.isArray(anyOf) && !anyOf.some(fits)) fail('at least one schema (anyOf)');
  if (Array.isArray(oneOf) && oneOf.filter(fits).length !== 1)
    fail('one and only one schema (oneOf)');
  if (isObject(not) && fits(not)) fail('no schema (not)');
  return causes;
}
