/**
 * What is left of a type when every member may be missing, however deep. Lists stay lists: an item is there or not.
 */
export type ApplyFields<T> = 0 extends 1 & T
  ? T
  : T extends readonly (infer Item)[]
    ? readonly ApplyFields<Item>[]
    : T extends object
      ? { readonly [K in keyof T]?: ApplyFields<T[K]> | undefined }
      : T;

/** The members of `metadata` that an apply may name; `managedFields` is the server's, which refuses it. */
export type ApplyMetadata<M> = Omit<ApplyFields<M>, 'name' | 'managedFields'> & {
  /** The name of the object, which an apply cannot do without. */
  readonly name: string;
};

/**
 * What to hand to server-side apply: the fields of an object of type `T` that the caller wants to own, and no others, as
 * client-go's apply configurations. A field that was in the last apply of the same manager and is not in this one is
 * given up, and removed when nobody else owns it.
 *
 * Every field may be missing but `metadata.name`. `apiVersion` and `kind` are filled in by the client. An item of a list
 * that the server merges by keys, such as a container, needs those keys, as the server says when they are missing.
 *
 * @example
 * ```ts no-run
 * const object: Apply<Wire<V1Deployment>> = { metadata: { name: 'web' }, spec: { replicas: 3 } };
 * ```
 */
export type Apply<T> = {
  readonly [K in keyof T as Exclude<K, 'metadata'>]?: ApplyFields<T[K]> | undefined;
} & {
  /** The name, and the labels, annotations and the rest of `metadata` to own. */
  readonly metadata: ApplyMetadata<
    'metadata' extends keyof T ? NonNullable<T['metadata']> : { readonly namespace?: string }
  >;
};
