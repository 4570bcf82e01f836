import type { Lister, ObjectLike } from '@kubeloop/cache-store';
import type { ResourceClient, Wire } from '@kubeloop/client';
import type { V1Deployment } from '@kubernetes/client-node';
import { expectTypeOf, test } from 'vitest';
import type {
  ConsistentResource,
  createOrUpdate,
  Draft,
  FinalizerClient,
  ObjectReader,
  ObjectWriter,
  Request,
} from '../src/index.ts';

type Deployment = Wire<V1Deployment>;

test('resource clients and consistent ones can write, and listers of a namespace can be read', () => {
  expectTypeOf<ResourceClient<Deployment>>().toExtend<ObjectWriter<Deployment>>();
  expectTypeOf<ConsistentResource<Deployment>>().toExtend<ObjectWriter<Deployment>>();
  expectTypeOf<ReturnType<Lister<Deployment>['byNamespace']>>().toExtend<
    ObjectReader<Deployment>
  >();
  expectTypeOf<ResourceClient<Deployment>>().toExtend<FinalizerClient<Deployment>>();
});

test('a request is a name', () => {
  expectTypeOf<Request>().toExtend<Parameters<typeof createOrUpdate<ObjectLike>>[1]>();
});

test('a draft can be written however deep, and is what it is a draft of', () => {
  type Container = NonNullable<
    NonNullable<NonNullable<Draft<Deployment>['spec']>['template']['spec']>['containers'][number]
  >;
  const container: Container = { name: 'a' };
  container.image = 'i';
  container.args = ['x'];
  container.args.push('y');

  expectTypeOf<Draft<Deployment>>().toExtend<Deployment>();
  expectTypeOf<Draft<unknown>>().toBeUnknown();
});
