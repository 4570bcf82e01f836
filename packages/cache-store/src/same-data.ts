import { lazyPartsOf } from './lazy-parts.ts';

/**
 * Whether two values are deeply equal plain data. Nothing is decoded for it: of objects that decode their members when
 * they are read, those of which something has been read are never the same,
 * nor are dates, maps and sets.
 */
export function isSameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && isSameArray(a, b);
  const lazy = lazyPartsOf(a);
  const other = lazyPartsOf(b);
  const isSameLazy = lazy && other ? lazy.isSame?.(other) === true : lazy === other;
  if (!isSameLazy) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  // What a date, a map or a set is made of is no member.
  if (names.length === 0) return isPlain(a) && isPlain(b);
  return names.every((name) => {
    if (!Object.hasOwn(b, name)) return false;
    // What is pending has just been compared.
    return lazy?.isPending(name) === true || isSameData(Reflect.get(a, name), Reflect.get(b, name));
  });
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isSameArray(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((each, index) => isSameData(each, b[index]));
}
