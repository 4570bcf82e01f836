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
  [K in keyof T as K extends PathHead<P | KeptPath> ? K : never]: K extends 'metadata'
    ? ProjectedMetadata<T[K], PathRest<P | KeptPath, K>>
    : ProjectedPart<T[K], PathRest<P | KeptPath, K & string>>;
};

/**
 * `P` itself when it is a path in `T`, and otherwise the paths that could be meant there. A path names members with dots
 * between them; `[]` after the name of a list leads into its elements. A map, such as labels, is kept as a whole.
 */
export type PathIn<T, P extends string> = P extends string ? CheckedPath<T, P, ''> : never;

/** What {@link PathIn} answers for a path of which `Before` has been looked at. */
export type CheckedPath<T, P extends string, Before extends string> = 0 extends 1 & T
  ? `${Before}${P}`
  : P extends `${infer Head}.${infer Rest}`
    ? SegmentName<Head> extends KnownKey<T>
      ? CheckedPath<PathTarget<T[SegmentName<Head> & keyof T], Head>, Rest, `${Before}${Head}.`>
      : `${Before}${KnownKey<T>}`
    : P extends KnownKey<T>
      ? `${Before}${P}`
      : `${Before}${KnownKey<T>}`;

/** What a segment leads to: elements of a list only with brackets, and anything else only without. */
export type PathTarget<V, Head extends string> =
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
export type KnownKey<T> = [T] extends [object]
  ? string extends keyof T
    ? never
    : Extract<keyof T, string>
  : never;

/** The name in a segment of a path, which may have brackets behind it. */
export type SegmentName<Segment extends string> = Segment extends `${infer Name}[]`
  ? Name
  : Segment;

/** The names with which paths begin. */
export type PathHead<P extends string> = P extends `${infer Head}.${string}`
  ? SegmentName<Head>
  : P;

/** What is left of the paths that begin with `K`; empty for one that ends there. */
export type PathRest<P extends string, K extends string> = P extends K
  ? ''
  : P extends `${K}.${infer Rest}` | `${K}[].${infer Rest}`
    ? Rest
    : never;

/** What the paths `Rest` keep of a value; all of it when one of them is empty. */
export type ProjectedPart<V, Rest extends string> = 0 extends 1 & V
  ? V
  : '' extends Rest
    ? V
    : V extends readonly (infer Item)[]
      ? readonly ProjectedMembers<Item, Rest>[]
      : V extends object
        ? ProjectedMembers<V, Rest>
        : V;

/** The members of an object that the paths name. */
export type ProjectedMembers<T, P extends string> = T extends object
  ? {
      [K in keyof T as K extends PathHead<P> ? K : never]: ProjectedPart<
        T[K],
        PathRest<P, K & string>
      >;
    }
  : T;

/** What the paths `Rest` keep of metadata. */
export type ProjectedMetadata<V, Rest extends string> = '' extends Rest
  ? 'managedFields' extends Rest
    ? V
    : WithoutManagedFields<V>
  : ProjectedPart<V, Rest>;

/** All but `managedFields`. */
export type WithoutManagedFields<V> = V extends object
  ? { [K in keyof V as K extends 'managedFields' ? never : K]: V[K] }
  : V;
