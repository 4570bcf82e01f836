/** The members of client-node's model of JSON schemas that have another name on the wire, beside those with a leading underscore. */
export interface SchemaNames {
  /** A reference to another schema. */
  readonly ref: '$ref';
  /** The version of JSON schema. */
  readonly schema: '$schema';
  /** An extension of Kubernetes. */
  readonly x_kubernetes_embedded_resource: 'x-kubernetes-embedded-resource';
  /** An extension of Kubernetes. */
  readonly x_kubernetes_int_or_string: 'x-kubernetes-int-or-string';
  /** An extension of Kubernetes. */
  readonly x_kubernetes_list_map_keys: 'x-kubernetes-list-map-keys';
  /** An extension of Kubernetes. */
  readonly x_kubernetes_list_type: 'x-kubernetes-list-type';
  /** An extension of Kubernetes. */
  readonly x_kubernetes_map_type: 'x-kubernetes-map-type';
  /** An extension of Kubernetes. */
  readonly x_kubernetes_preserve_unknown_fields: 'x-kubernetes-preserve-unknown-fields';
  /** An extension of Kubernetes. */
  readonly x_kubernetes_validations: 'x-kubernetes-validations';
}

/** The name on the wire of member `K` of model `T`. Only schemas rename `ref` and `schema`; a leading underscore always goes. */
export type WireKey<T, K> = K extends keyof SchemaNames
  ? 'x_kubernetes_preserve_unknown_fields' extends keyof T
    ? SchemaNames[K]
    : K
  : K extends `_${infer Name}`
    ? Name
    : K;

/**
 * A `@kubernetes/client-node` model as it travels: the type of objects that this client returns.
 *
 * Differences from the model: everything is read-only, however deep, since cached objects are shared;
 * dates, `V1MicroTime` too, are RFC 3339 strings; members that the generator had to rename have
 * their own names again: `_default` is `default`, `x_kubernetes_list_type` is `x-kubernetes-list-type`,
 * a schema's `ref` is `$ref`. What is `any` in the model stays so.
 *
 * @example
 * ```ts no-run
 * import type { V1Pod } from '@kubernetes/client-node';
 * import type { Wire } from '@kubeloop/client';
 * declare const pod: Wire<V1Pod>;
 * pod.metadata?.creationTimestamp; // string | undefined
 * ```
 */
export type Wire<T> = 0 extends 1 & T
  ? T
  : T extends Date
    ? string
    : T extends readonly (infer Item)[]
      ? readonly Wire<Item>[]
      : T extends object
        ? { readonly [K in keyof T as WireKey<T, K>]: Wire<T[K]> }
        : T;
