/** What is kept of every object, asked for or not: caches, selectors, predicates and owner lookups read it. */
export type KeptPath =
  | 'apiVersion'
  | 'kind'
  | 'metadata.name'
  | 'metadata.namespace'
  | 'metadata.uid'
  | 'metadata.resourceVersion'
  | 'metadata.generation'
  | 'metadata.deletionTimestamp'
  | 'metadata.labels'
  | 'metadata.ownerReferences'
  | 'metadata.finalizers';

/**
 * The part of `T` that the paths `P` name, with {@link KeptPath}: what was not named cannot be read.
 *
 * `metadata` as a whole is without `managedFields` unless `metadata.managedFields` is named too.
 */
export type Projected<T, P extends string> = {
  [K in keyof T as K extends HeadOf<P | KeptPath> ? K : never]: K extends 'metadata'
    ? MetadataPart<T[K], RestOf<P | KeptPath, K>>
    : Part<T[K], RestOf<P | KeptPath, K & string>>;
};

/**
 * `P` itself when it is a path in `T`, and otherwise the paths that could be meant there. A path names members with dots
 * between them; `[]` after the name of a list leads into its elements. A map, such as labels, is kept as a whole.
 */
export type PathIn<T, P extends string> = P extends string ? Checked<T, P, ''> : never;

type Checked<T, P extends string, Before extends string> = 0 extends 1 & T
  ? `${Before}${P}`
  : P extends `${infer Head}.${infer Rest}`
    ? Bare<Head> extends KeyOf<T>
      ? Checked<Entered<T[Bare<Head> & keyof T], Head>, Rest, `${Before}${Head}.`>
      : `${Before}${KeyOf<T>}`
    : P extends KeyOf<T>
      ? `${Before}${P}`
      : `${Before}${KeyOf<T>}`;

/** What a segment leads to: elements of a list only with brackets, and anything else only without. */
type Entered<V, Head extends string> =
  NonNullable<V> extends infer Value
    ? Value extends readonly (infer Item)[]
      ? Head extends `${string}[]`
        ? NonNullable<Item>
        : never
      : Head extends `${string}[]`
        ? never
        : Value
    : never;

/** The names of members that are known: none of a map. */
type KeyOf<T> = [T] extends [object]
  ? string extends keyof T
    ? never
    : Extract<keyof T, string>
  : never;

type Bare<Segment extends string> = Segment extends `${infer Name}[]` ? Name : Segment;

type HeadOf<P extends string> = P extends `${infer Head}.${string}` ? Bare<Head> : P;

/** What is left of the paths that begin with `K`; empty for one that ends there. */
type RestOf<P extends string, K extends string> = P extends K
  ? ''
  : P extends `${K}.${infer Rest}` | `${K}[].${infer Rest}`
    ? Rest
    : never;

type Part<V, Rest extends string> = 0 extends 1 & V
  ? V
  : '' extends Rest
    ? V
    : V extends readonly (infer Item)[]
      ? readonly Picked<Item, Rest>[]
      : V extends object
        ? Picked<V, Rest>
        : V;

type Picked<T, P extends string> = T extends object
  ? { [K in keyof T as K extends HeadOf<P> ? K : never]: Part<T[K], RestOf<P, K & string>> }
  : T;

type MetadataPart<V, Rest extends string> = '' extends Rest
  ? 'managedFields' extends Rest
    ? V
    : WithoutManagedFields<V>
  : Part<V, Rest>;

type WithoutManagedFields<V> = V extends object
  ? { [K in keyof V as K extends 'managedFields' ? never : K]: V[K] }
  : V;
