import type {
  CoreV1Event,
  KubeConfig,
  V1CustomResourceDefinition,
  V1Deployment,
  V1JSONSchemaProps,
  V1Lease,
  V1LimitRangeItem,
  V1NetworkPolicyIngressRule,
  V1Pod,
  V1Service,
} from '@kubernetes/client-node';
import { expectTypeOf, test } from 'vitest';
import {
  deployments,
  pods,
  type KubeClient,
  type KubeConfigLike,
  type ListOptions,
  type ObjectList,
  type Resource,
  type ResourceClient,
  type WatchEvent,
  type WatchOptions,
  type Wire,
} from '../src/index.ts';

/** What a reflector needs of a client. */
interface ListerWatcher<T> {
  list(options: ListOptions): Promise<ObjectList<T>>;
  watch(options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  readonly supportsWatchList?: boolean;
}

/** The least that a cache knows of an object. */
interface ObjectLike {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata?:
    | {
        readonly name?: string | undefined;
        readonly labels?: Readonly<Record<string, string>> | undefined;
        readonly deletionTimestamp?: string | Date | undefined;
      }
    | undefined;
}

test('dates are strings, those with microseconds too', () => {
  type Meta = NonNullable<Wire<V1Pod>['metadata']>;
  expectTypeOf<Meta['creationTimestamp']>().toEqualTypeOf<string | undefined>();
  type LeaseSpec = NonNullable<Wire<V1Lease>['spec']>;
  expectTypeOf<LeaseSpec['renewTime']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Wire<CoreV1Event>['eventTime']>().toEqualTypeOf<string | undefined>();
});

test('members have the names that they have on the wire', () => {
  type Schema = Wire<V1JSONSchemaProps>;
  expectTypeOf<Schema['x-kubernetes-list-map-keys']>().toEqualTypeOf<
    readonly string[] | undefined
  >();
  expectTypeOf<Schema['x-kubernetes-preserve-unknown-fields']>().toEqualTypeOf<
    boolean | undefined
  >();
  expectTypeOf<Schema['$ref']>().toEqualTypeOf<string | undefined>();
  // A new version of client-node may bring another one of these.
  expectTypeOf<Extract<keyof Schema, `x_${string}` | `_${string}`>>().toBeNever();
  expectTypeOf<Schema>().toHaveProperty('default');
  expectTypeOf<Schema>().toHaveProperty('enum');
  expectTypeOf<Schema>().not.toHaveProperty('_default');
  expectTypeOf<Schema>().not.toHaveProperty('ref');
  expectTypeOf<Schema>().not.toHaveProperty('x_kubernetes_list_type');
  expectTypeOf<Wire<V1NetworkPolicyIngressRule>>().toHaveProperty('from');
  expectTypeOf<Wire<V1LimitRangeItem>['default']>().toEqualTypeOf<
    { readonly [key: string]: string } | undefined
  >();
  // Only schemas rename `schema`; the version of a CustomResourceDefinition has one of its own.
  expectTypeOf<Wire<V1CustomResourceDefinition>['spec']['versions'][number]>().toHaveProperty(
    'schema',
  );
});

test('everything is read-only, however deep', () => {
  const deployment: Wire<V1Deployment> = {};
  // @ts-expect-error objects in caches are shared
  deployment.metadata = {};
  const containers = deployment.spec?.template.spec?.containers ?? [];
  // @ts-expect-error arrays too
  containers.push({ name: 'a' });
  expectTypeOf(containers).toExtend<readonly object[]>();
});

test('literals fit, numbers and texts both where either may stand', () => {
  expectTypeOf({
    spec: {
      ports: [
        { port: 80, targetPort: 'http' },
        { port: 81, targetPort: 8081 },
      ],
    },
  }).toExtend<Wire<V1Service>>();
});

test('wire objects fit what caches need', () => {
  expectTypeOf<Wire<V1Pod>>().toExtend<ObjectLike>();
});

test('resources know the type of their objects', () => {
  expectTypeOf(pods).toEqualTypeOf<Resource<Wire<V1Pod>>>();
  expectTypeOf(deployments).not.toExtend<Resource<Wire<V1Pod>>>();
});

test('a resource client is a lister and watcher, in all namespaces and in one', () => {
  expectTypeOf<ResourceClient<Wire<V1Pod>>>().toExtend<ListerWatcher<Wire<V1Pod>>>();
  expectTypeOf<KubeClient>().toExtend<{
    resource<T>(
      resource: Resource<T>,
    ): ListerWatcher<T> & { namespace(name: string): ListerWatcher<T> };
  }>();
});

test('a KubeConfig of client-node is a kubeconfig', () => {
  expectTypeOf<KubeConfig>().toExtend<KubeConfigLike>();
});

test('an event tells its object by its type', () => {
  const read = (event: WatchEvent<Wire<V1Pod>>): unknown => {
    if (event.type === 'BOOKMARK') return event.object.metadata.resourceVersion.length;
    if (event.type === 'ERROR') return event.object.code;
    return event.object.spec?.containers;
  };
  expectTypeOf(read).returns.toBeUnknown();
});
