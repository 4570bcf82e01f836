import { arrayAt, isObject, textOf, type JsonObject, type JsonValue } from '../json.ts';
import { keyDefaults, listShape, type ListShape } from '../patch/list-keys.ts';
import type { ResourceDefinition } from '../registry/definition.ts';

/** What the type of a value says about how it is merged. */
export interface Shape {
  readonly list: ListShape;
  /** Whether an object is owned as one value instead of member by member. */
  readonly atomicMap: boolean;
  /** Whether the value is always there in the real types, so that nobody owns its being there. */
  readonly isStruct: boolean;
  /** Fills in a key that a list item leaves out. */
  keyDefault(key: string): JsonValue | undefined;
  field(name: string): Shape;
  item(): Shape;
}

/** Objects of built-in types that are owned as one value, by member name. */
const atomicMaps = new Set([
  'selector',
  'nodeSelector',
  'labelSelector',
  'podSelector',
  'namespaceSelector',
  'secretKeyRef',
  'configMapKeyRef',
  'fieldRef',
  'resourceFieldRef',
  'secretRef',
  'scopeSelector',
  'nodeAffinity',
  'allocatedResources',
  'involvedObject',
  'regarding',
  'scaleTargetRef',
  'targetRef',
]);

/** Members of built-in types that are no pointers in the real types. */
const structs = new Set([
  'metadata',
  'spec',
  'status',
  'template',
  'jobTemplate',
  'strategy',
  'updateStrategy',
  'containers',
]);

class BuiltInShape implements Shape {
  readonly #parent: string | undefined;
  readonly #name: string | undefined;
  readonly #fields = new Map<string, BuiltInShape>();

  constructor(parent: string | undefined, name: string | undefined) {
    this.#parent = parent;
    this.#name = name;
  }

  get list(): ListShape {
    return this.#name === undefined ? { kind: 'atomic' } : listShape(this.#parent, this.#name);
  }

  get atomicMap(): boolean {
    return this.#name !== undefined && atomicMaps.has(this.#name);
  }

  get isStruct(): boolean {
    return this.#name === undefined || structs.has(this.#name);
  }

  keyDefault(key: string): JsonValue | undefined {
    return keyDefaults[key];
  }

  field(name: string): Shape {
    let shape = this.#fields.get(name);
    if (shape === undefined) {
      shape = new BuiltInShape(this.#name, name);
      // Maps with free keys, such as labels, would make this grow without end.
      if (this.#fields.size < 200) this.#fields.set(name, shape);
    }
    return shape;
  }

  item(): Shape {
    return new BuiltInItemShape(this.#parent, this.#name);
  }
}

/** An item of a list, which comes and goes. */
class BuiltInItemShape extends BuiltInShape {
  override get isStruct(): boolean {
    return false;
  }
}

class SchemaShape implements Shape {
  readonly #schema: JsonObject;

  constructor(schema: JsonObject) {
    this.#schema = schema;
  }

  get list(): ListShape {
    const type = this.#schema['x-kubernetes-list-type'];
    if (type === 'set') return { kind: 'set' };
    if (type !== 'map') return { kind: 'atomic' };
    const keys = arrayAt(this.#schema, 'x-kubernetes-list-map-keys').map(textOf);
    return { kind: 'map', keys, mergeKey: keys[0] ?? 'name' };
  }

  get atomicMap(): boolean {
    return this.#schema['x-kubernetes-map-type'] === 'atomic';
  }

  get isStruct(): boolean {
    return false;
  }

  keyDefault(key: string): JsonValue | undefined {
    return this.#member(key)['default'];
  }

  field(name: string): Shape {
    return new SchemaShape(this.#member(name));
  }

  item(): Shape {
    const { items } = this.#schema;
    return new SchemaShape(isObject(items) ? items : {});
  }

  #member(name: string): JsonObject {
    const properties = isObject(this.#schema['properties']) ? this.#schema['properties'] : {};
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const found = own ?? this.#schema['additionalProperties'];
    return isObject(found) ? found : {};
  }
}

/** A custom resource: metadata as everywhere, the rest by its schema. */
class CustomShape extends SchemaShape {
  override field(name: string): Shape {
    return name === 'metadata' ? builtIn.field('metadata') : super.field(name);
  }
}

const builtIn = new BuiltInShape(undefined, undefined);

/** The shape of the objects of a resource. */
export function shapeOf(resource: ResourceDefinition): Shape {
  if (resource.custom === undefined) return builtIn;
  return new CustomShape(resource.custom.schema ?? {});
}

/** The step that names a list item, or `undefined` when it lacks a key. */
export function itemStep(item: JsonValue, list: ListShape, shape: Shape): string | undefined {
  if (list.kind === 'set') return `v:${JSON.stringify(item)}`;
  if (list.kind !== 'map' || !isObject(item)) return undefined;
  const keys: JsonObject = {};
  for (const key of [...list.keys].sort()) {
    const value = item[key] ?? shape.item().keyDefault(key);
    if (value === undefined) return undefined;
    keys[key] = value;
  }
  return `k:${JSON.stringify(keys)}`;
}

/** The items of a list by their steps; `undefined` when they cannot be told apart. */
export function itemsByStep(
  value: readonly JsonValue[],
  shape: Shape,
): Map<string, JsonValue> | undefined {
  const { list } = shape;
  if (list.kind === 'atomic') return undefined;
  const items = new Map<string, JsonValue>();
  for (const item of value) {
    const step = itemStep(item, list, shape);
    if (step === undefined || items.has(step)) return undefined;
    items.set(step, item);
  }
  return items;
}
