import { isJsonMap } from './managed-fields.ts';

/**
 * An object without the field that a path of an API server names, such as
 * `.spec.template.spec.containers[name="web"].image`; `undefined` when the object has no such field. The given object stays
 * as it is.
 *
 * Names of members may hold dots, as those of labels do, so a path is read along the object.
 */
export function withoutField<T>(object: T, path: string): T | undefined {
  const left = remove(object, path);
  // One member less is what an apply may do without.
  return left === undefined ? undefined : (left.rest as T);
}

/** What is left of a value; nothing at all when the value itself is what the path names. */
interface Left {
  readonly rest: unknown;
}

const nothing: Left = { rest: undefined };

function remove(value: unknown, path: string): Left | undefined {
  if (path === '') return nothing;
  if (Array.isArray(value)) return removeFromList(value, path);
  if (!isJsonMap(value) || !path.startsWith('.')) return undefined;
  for (const name of Object.keys(value)) {
    const tail = path.slice(1 + name.length);
    if (!path.startsWith(name, 1) || !/^([.[]|$)/.test(tail)) continue;
    const left = remove(value[name], tail);
    if (!left) continue;
    const { [name]: _removed, ...rest } = value;
    return { rest: left === nothing ? rest : { ...value, [name]: left.rest } };
  }
  return undefined;
}

function removeFromList(list: readonly unknown[], path: string): Left | undefined {
  for (const [index, item] of list.entries())
    for (const step of stepsTo(item, index, path)) {
      const left = remove(item, path.slice(step.length));
      if (!left) continue;
      return { rest: left === nothing ? list.toSpliced(index, 1) : list.with(index, left.rest) };
    }
  return undefined;
}

/** The beginnings of the path that mean an item, in the words of structured-merge-diff's `PathElement.String`. */
function stepsTo(item: unknown, index: number, path: string): readonly string[] {
  const steps = [`[${index}]`, `[=${printed(item)}]`];
  const keyed = isJsonMap(item) ? keyedStep(item, path) : undefined;
  return [...steps, ...(keyed ? [keyed] : [])].filter((step) => path.startsWith(step));
}

/** Keys are sorted, so the step for an item is made of the names that the path itself has, one after the other. */
function keyedStep(item: Readonly<Record<string, unknown>>, path: string): string | undefined {
  let step = '[';
  for (;;) {
    const [name] = /^[^=\]]+(?==)/.exec(path.slice(step.length)) ?? [];
    if (name === undefined) return undefined;
    const pair = `${name}=${printed(item[name])}`;
    if (!path.startsWith(pair, step.length)) return undefined;
    step += pair;
    if (path.startsWith(']', step.length)) return `${step}]`;
    if (!path.startsWith(',', step.length)) return undefined;
    step += ',';
  }
}

/** Scalars as Go prints them; its quotes are those of JSON for all that names and keys are made of. */
function printed(value: unknown): string {
  return JSON.stringify(value) ?? '';
}
