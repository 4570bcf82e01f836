/**
 * The members of an object that nobody has read yet. A source that keeps objects as bytes puts it below
 * `Symbol.for('@kubeloop/lazy')` of each, as `@kubeloop/client` does with answers in protobuf.
 */
export interface LazyParts {
  /** Whether reading a member would decode it. */
  isPending(name: string): boolean;
  /** Lets all that is decoded from now on go through `freeze`. */
  freezeWith(freeze: <T>(value: T) => T): void;
  /** Whether nothing of these and the other parts has been decoded yet, and the same would be. */
  isSame?(other: LazyParts): boolean;
  /** A copy of the object `owner` in which the same members are pending, and the others are what `copy` makes of them. */
  copy(owner: object, copy: (value: unknown) => unknown): object;
}

const lazySymbol = Symbol.for('@kubeloop/lazy');

/**
 * The pending members of an object; `undefined` when it is an ordinary one.
 *
 * @example
 * ```ts
 * import { lazyPartsOf } from '@kubeloop/cache-store';
 * lazyPartsOf({ metadata: { name: 'a' } }) // => undefined
 * ```
 */
export function lazyPartsOf(obj: object): LazyParts | undefined {
  // The symbol is agreed upon with those who make such objects.
  return (obj as { readonly [lazySymbol]?: LazyParts })[lazySymbol];
}

/** The values of the own enumerable members that are there without decoding anything. */
export function presentValues(obj: object): unknown[] {
  const lazy = lazyPartsOf(obj);
  if (!lazy) return Object.values(obj);
  const values: unknown[] = [];
  for (const name of Object.keys(obj))
    // A key of an object is a member of it.
    if (!lazy.isPending(name)) values.push((obj as Record<string, unknown>)[name]);
  return values;
}

/** A deep copy of plain data, in which what is pending stays pending. */
export function copyOf<T>(value: T): T {
  const lazy = typeof value === 'object' && value !== null ? lazyPartsOf(value) : undefined;
  // A copy of an object is of its type.
  return lazy ? (lazy.copy(value as object, copyOf) as T) : structuredClone(value);
}
