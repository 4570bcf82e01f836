/** Members that client-node names differently in its models of JSON schemas; their other members follow the rules below. */
interface SchemaNames {
  readonly ref: '$ref';
  readonly schema: '$schema';
}

/** `x_kubernetes_list_type` → `x-kubernetes-list-type`. */
type Hyphenated<K extends string> = K extends `${infer Head}_${infer Tail}`
  ? `${Head}-${Hyphenated<Tail>}`
  : K;

type WireKey<T, K> = K extends keyof SchemaNames
  ? 'x_kubernetes_preserve_unknown_fields' extends keyof T
    ? SchemaNames[K]
    : K
  : K extends `x_kubernetes_${string}`
    ? Hyphenated<K>
    : K extends `_${infer Name}`
      ? Name
      : K;

/** Whether `T` is `any`, which must be left alone: mapping over it would never end. */
type IsAny<T> = 0 extends 1 & T ? true : false;

/**
 * A `@kubernetes/client-node` model as it travels: the type of objects that this client returns.
 *
 * Differences from the model: everything is read-only, however deep, since cached objects are shared;
 * dates, `V1MicroTime` too, are RFC 3339 strings; members that the generator had to rename have
 * their own names again: `_default` is `default`, `x_kubernetes_list_type` is `x-kubernetes-list-type`,
 * a schema's `ref` is `$ref`.
 *
 * @example
 * ```ts no-run
 * import type { V1Pod } from '@kubernetes/client-node';
 * import type { Wire } from '@kubeloop/client';
 * declare const pod: Wire<V1Pod>;
 * pod.metadata?.creationTimestamp; // string | undefined
 * ```
 */
export type Wire<T> =
  IsAny<T> extends true
    ? T
    : T extends Date
      ? string
      : T extends readonly (infer Item)[]
        ? readonly Wire<Item>[]
        : T extends object
          ? { readonly [K in keyof T as WireKey<T, K>]: Wire<T[K]> }
          : T;
