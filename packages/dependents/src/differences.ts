import { isMembers } from './json.ts';
import type { FieldTree } from './owned-fields.ts';
import { stepsOf, valueAt } from './owned-fields.ts';
import { isSameQuantityAt } from './quantity.ts';

/** Members that an API server never notes as owned: they say which object it is. */
const identity: ReadonlySet<string> = new Set(['apiVersion', 'kind']);
const metadataIdentity: ReadonlySet<string> = new Set(['name', 'namespace', 'uid']);

/**
 * Where an object is not as it is desired, as paths such as `.spec.containers[name="a"].image`: members that are declared
 * and have another value or belong to somebody else, and members that were applied before and are not declared any more.
 * What others have added, and the server's defaults, are no differences.
 *
 * @param fields - what the field manager owns of the actual object
 */
export function differencesBetween(
  desired: object,
  actual: object,
  fields: FieldTree,
): readonly string[] {
  const comparison = new Comparison();
  const { metadata, ...rest } = desired as Readonly<Record<string, unknown>>; // any JSON object has members
  const { 'f:metadata': metadataFields = {}, ...restFields } = fields;
  const place = { path: '', names: [] };
  comparison.members(without(identity, rest), actual, restFields, place);
  const below = { path: '.metadata', names: ['metadata'] };
  const actualMetadata = valueAt(actual, 'f:metadata');
  const desiredMetadata = without(metadataIdentity, metadata);
  comparison.members(desiredMetadata, actualMetadata, metadataFields, below);
  return comparison.found;
}

function without(names: ReadonlySet<string>, members: unknown): Readonly<Record<string, unknown>> {
  const entries = Object.entries(isMembers(members) ? members : {});
  return Object.fromEntries(entries.filter(([name]) => !names.has(name)));
}

interface Place {
  /** How it is written. */
  readonly path: string;
  /** The names of the members that lead to it. */
  readonly names: readonly string[];
}

class Comparison {
  readonly found: string[] = [];

  members(
    desired: Readonly<Record<string, unknown>>,
    actual: unknown,
    node: FieldTree,
    at: Place,
  ): void {
    for (const [name, value] of Object.entries(desired))
      this.#value(value, valueAt(actual, `f:${name}`), node[`f:${name}`], member(at, name));
    for (const step of stepsOf(node)) {
      const name = step.slice(2);
      if (step.startsWith('f:') && desired[name] == null) this.found.push(member(at, name).path);
    }
  }

  #value(desired: unknown, actual: unknown, node: FieldTree | undefined, at: Place): void {
    if (desired == null) return; // the same as not declared
    if (node === undefined) this.#notOwned(desired, actual, at);
    else if (stepsOf(node).length === 0) this.#whole(desired, actual, at);
    else if (Array.isArray(desired)) this.#items(desired, actual, node, at);
    else if (isMembers(desired)) this.members(desired, actual, node, at);
    else this.found.push(at.path);
  }

  /** A value that belongs to others: what of it differs, or all of it when nothing does. */
  #notOwned(desired: unknown, actual: unknown, at: Place): void {
    const before = this.found.length;
    if (isMembers(desired) && isMembers(actual)) {
      for (const [name, value] of Object.entries(desired))
        if (!covers(value, actual[name], [...at.names, name]))
          this.found.push(member(at, name).path);
    }
    if (this.found.length === before) this.found.push(at.path);
  }

  /** A value that is owned as one. */
  #whole(desired: unknown, actual: unknown, at: Place): void {
    if (!covers(desired, actual, at.names)) this.found.push(at.path);
  }

  /** A list whose items are owned one by one. */
  #items(desired: readonly unknown[], actual: unknown, node: FieldTree, at: Place): void {
    const open = new Set(desired.keys());
    for (const step of stepsOf(node)) {
      const place = { path: `${at.path}${stepText(step)}`, names: at.names };
      const index = indexOfItem(desired, open, step);
      if (index === undefined) this.found.push(place.path);
      else {
        open.delete(index);
        this.#value(desired[index], valueAt(actual, step), node[step], place);
      }
    }
    for (const index of open) this.found.push(`${at.path}[${index}]`);
  }
}

/** The item that a step means. Keys that it leaves to defaults fit anything, but an item that says them goes first. */
function indexOfItem(
  items: readonly unknown[],
  open: ReadonlySet<number>,
  step: string,
): number | undefined {
  const exact = valueAt(items, step);
  const at = items.findIndex((each, index) => each === exact && open.has(index));
  if (exact !== undefined && at !== -1) return at;
  if (!step.startsWith('k:')) return undefined;
  const wanted: unknown = JSON.parse(step.slice(2));
  const keys = Object.entries(isMembers(wanted) ? wanted : {});
  return [...open].find((index) => {
    const item = items[index];
    if (!isMembers(item)) return false;
    const said = keys.filter(([key]) => item[key] !== undefined);
    return said.length > 0 && said.every(([key, value]) => item[key] === value);
  });
}

/** Whether a value has all that is desired of it. */
function covers(desired: unknown, actual: unknown, names: readonly string[]): boolean {
  if (desired == null) return true;
  if (Array.isArray(desired))
    return (
      Array.isArray(actual) &&
      actual.length === desired.length &&
      desired.every((each, index) => covers(each, actual[index], names))
    );
  if (isMembers(desired))
    return (
      isMembers(actual) &&
      Object.entries(desired).every(([name, each]) => covers(each, actual[name], [...names, name]))
    );
  return desired === actual || isSameQuantityAt(names, desired, actual);
}

function member(at: Place, name: string): Place {
  return { path: `${at.path}.${name}`, names: [...at.names, name] };
}

function stepText(step: string): string {
  const rest = step.slice(2);
  if (step.startsWith('v:')) return `[=${rest}]`;
  if (!step.startsWith('k:')) return `[${rest}]`;
  const keys: unknown = JSON.parse(rest);
  const parts = Object.entries(isMembers(keys) ? keys : {});
  return `[${parts.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join()}]`;
}
