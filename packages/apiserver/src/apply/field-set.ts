import { isObject, setMember, type JsonObject, type JsonValue } from '../json.ts';

/**
 * A set of fields of an object, as a tree. Steps are written as in FieldsV1: `f:name` for a member,
 * `k:{…}` for an item by its keys, `v:…` for an item by its value.
 *
 * It is filled where it is made and never changed after that, so that sets can share their nodes.
 */
export class FieldSet {
  /** Whether the field at this node is itself in the set, beside what is below it. */
  member = false;
  readonly children: Map<string, FieldSet>;

  constructor(children: Map<string, FieldSet> = new Map()) {
    this.children = children;
  }

  /** The set with these nodes; a later node of a step takes the place of an earlier one. */
  static of(member: boolean, children: Iterable<readonly [string, FieldSet]>): FieldSet {
    const set = new FieldSet(new Map(children));
    set.member = member;
    return set;
  }

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

/** The fields that are in any of the sets; the first one itself when it has all of them. */
export function union(first: FieldSet, ...others: readonly FieldSet[]): FieldSet {
  return others.reduce(added, first);
}

function added(left: FieldSet, right: FieldSet): FieldSet {
  const grown = new Map<string, FieldSet>();
  for (const [step, child] of right.children) {
    const held = left.children.get(step);
    if (held === undefined && child.isEmpty) continue;
    const next = held === undefined ? child : added(held, child);
    if (next !== held) grown.set(step, next);
  }
  if (grown.size === 0 && (left.member || !right.member)) return left;
  return FieldSet.of(left.member || right.member, [...left.children, ...grown]);
}

/** The fields that are in both sets. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const both: [string, FieldSet][] = [];
  for (const [step, child] of left.children) {
    const other = right.children.get(step);
    const shared = other === undefined ? undefined : intersection(child, other);
    if (shared?.isEmpty === false) both.push([step, shared]);
  }
  return FieldSet.of(left.member && right.member, both);
}

/** The fields of `left` that are not in `right`; `left` itself when they share none. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  const shrunk = new Map<string, FieldSet>();
  for (const [step, child] of right.children) {
    const held = left.children.get(step);
    if (held === undefined) continue;
    const next = difference(held, child);
    if (next !== held) shrunk.set(step, next);
  }
  if (shrunk.size === 0 && !(left.member && right.member)) return left;
  const children = new Map(left.children);
  for (const [step, child] of shrunk) {
    if (child.isEmpty) children.delete(step);
    else children.set(step, child);
  }
  return FieldSet.of(left.member && !right.member, children);
}

/** Whether both sets hold the same fields. */
export function sameFields(left: FieldSet, right: FieldSet): boolean {
  return left === right || (difference(left, right).isEmpty && difference(right, left).isEmpty);
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
