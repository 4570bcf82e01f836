import type { V1ConfigMap, V1Deployment } from '@kubernetes/client-node';
import { expectTypeOf, test } from 'vitest';
import type { Apply, ResourceClient, Wire } from '../src/index.ts';

interface WebApp {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: { readonly image: string; readonly replicas: number };
}

test('every field may be missing but the name', () => {
  const object: Apply<Wire<V1Deployment>> = {
    metadata: { name: 'a', labels: { app: 'a' } },
    spec: { template: { spec: { containers: [{ name: 'web', image: 'i' }] } } },
  };

  expectTypeOf(object.metadata.name).toEqualTypeOf<string>();
  expectTypeOf<Parameters<ResourceClient<Wire<V1Deployment>>['apply']>[0]>().toEqualTypeOf(object);
  // @ts-expect-error a name is needed
  const nameless: Apply<Wire<V1Deployment>> = { metadata: { labels: {} } };
  // @ts-expect-error metadata is needed
  const without: Apply<Wire<V1ConfigMap>> = { data: {} };
  expectTypeOf(nameless).not.toEqualTypeOf(without);
});

test('required fields of a custom type may be missing too, and none may be misspelt or of another type', () => {
  const object: Apply<WebApp> = { metadata: { name: 'a' }, spec: { replicas: 1 } };
  // @ts-expect-error a text is no number
  const mistyped: Apply<WebApp> = { metadata: { name: 'a' }, spec: { replicas: '1' } };
  // @ts-expect-error there is no such field
  const misspelt: Apply<WebApp> = { metadata: { name: 'a' }, spec: { replica: 1 } };

  expectTypeOf(object).toEqualTypeOf(mistyped);
  expectTypeOf(object).toEqualTypeOf(misspelt);
});

test('managed fields are not for callers, and an object that has a name can be applied', () => {
  // @ts-expect-error the server keeps them
  const managed: Apply<Wire<V1ConfigMap>> = { metadata: { name: 'a', managedFields: [] } };
  const whole: WebApp = { metadata: { name: 'a' }, spec: { image: 'i', replicas: 1 } };

  expectTypeOf(whole).toExtend<Apply<WebApp>>();
  expectTypeOf(managed).toEqualTypeOf<Apply<Wire<V1ConfigMap>>>();
});

test('what is of any or no known type needs a name as well', () => {
  // oxlint-disable-next-line typescript/no-explicit-any -- this is what the test is about
  expectTypeOf<Apply<any>['metadata']['name']>().toEqualTypeOf<string>();
  expectTypeOf<Apply<unknown>['metadata']['name']>().toEqualTypeOf<string>();
});

test('a client of one type passes for one of objects in general', () => {
  expectTypeOf<ResourceClient<WebApp>>().toExtend<ResourceClient<{ readonly metadata?: object }>>();
});
