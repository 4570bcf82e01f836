import { isObject, setMember, type JsonObject, type JsonValue } from '../json.ts';

/**
 * A set of fields of an object, as a tree. Steps are written as in FieldsV1: `f:name` for a member,
 * `k:{…}` for an item by its keys, `v:…` for an item by its value.
 */
export class FieldSet {
  /** Whether the field at this node is itself in the set, beside what is below it. */
  member = false;
  readonly children: Map<string, FieldSet> = new Map();

  /** The set that a FieldsV1 tree describes. */
  static parse(tree: JsonValue | undefined): FieldSet {
    const set = new FieldSet();
    for (const [step, child] of Object.entries(isObject(tree) ? tree : {})) {
      if (step === '.') {
        set.member = true;
        continue;
      }
      const parsed = FieldSet.parse(child);
      if (parsed.children.size === 0) parsed.member = true;
      set.children.set(step, parsed);
    }
    return set;
  }

  get isEmpty(): boolean {
    if (this.member) return false;
    for (const child of this.children.values()) if (!child.isEmpty) return false;
    return true;
  }

  /** The node below a step, made when it is missing. */
  at(step: string): FieldSet {
    let child = this.children.get(step);
    if (child === undefined) {
      child = new FieldSet();
      this.children.set(step, child);
    }
    return child;
  }

  /** The FieldsV1 tree. */
  toJson(): JsonObject {
    const tree: JsonObject = {};
    if (this.member && this.children.size > 0) tree['.'] = {};
    for (const step of [...this.children.keys()].sort()) {
      const child = this.children.get(step);
      if (child !== undefined && !child.isEmpty) setMember(tree, step, child.toJson());
    }
    return tree;
  }

  /** The paths of all fields in the set: at each node the fields first, then what is below them. */
  *paths(prefix: readonly string[] = []): Generator<readonly string[]> {
    const steps = [...this.children].sort(([left], [right]) => (left < right ? -1 : 1));
    for (const [step, child] of steps) if (child.member) yield [...prefix, step];
    for (const [step, child] of steps) yield* child.paths([...prefix, step]);
  }
}

/** The fields that are in any of the sets. */
export function union(...sets: readonly FieldSet[]): FieldSet {
  const result = new FieldSet();
  for (const set of sets) addAll(result, set);
  return result;
}

function addAll(target: FieldSet, source: FieldSet): void {
  if (source.member) target.member = true;
  for (const [step, child] of source.children) addAll(target.at(step), child);
}

/** The fields that are in both sets. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (inRight) => inRight);
}

/** The fields of `left` that are not in `right`. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return combine(left, right, (inRight) => !inRight);
}

const nothing = new FieldSet();

function combine(left: FieldSet, right: FieldSet, keeps: (inRight: boolean) => boolean): FieldSet {
  const result = new FieldSet();
  result.member = left.member && keeps(right.member);
  for (const [step, child] of left.children) {
    const kept = combine(child, right.children.get(step) ?? nothing, keeps);
    if (!kept.isEmpty) result.children.set(step, kept);
  }
  return result;
}

/** Whether both sets hold the same fields. */
export function sameFields(left: FieldSet, right: FieldSet): boolean {
  return difference(left, right).isEmpty && difference(right, left).isEmpty;
}

/** A path as conflicts show it: `.spec.containers[name="a"].image`. */
export function pathText(path: readonly string[]): string {
  return path.map(stepText).join('');
}

function stepText(step: string): string {
  const rest = step.slice(2);
  if (step.startsWith('f:')) return `.${rest}`;
  if (step.startsWith('v:')) return `[=${rest}]`;
  const keys: JsonValue = JSON.parse(rest);
  const parts = Object.entries(isObject(keys) ? keys : {});
  return `[${parts.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
}
