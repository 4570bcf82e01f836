import { configMaps, deployments } from '@kubeloop/client';
import { TerminalError } from '@kubeloop/controller';
import { expect, test } from 'vitest';
import type { DependentOptions } from '../src/dependent.ts';
import { DependentsError } from '../src/dependents-error.ts';
import { FieldConflictError } from '../src/field-conflict-error.ts';
import { ForeignObjectError } from '../src/foreign-object-error.ts';
import { Cluster, seen } from './support/cluster.ts';
import type { WebApp } from './support/web-app.ts';

const config: DependentOptions<WebApp, { readonly metadata?: { readonly name?: string } }> = {
  name: 'config',
  resource: configMaps,
  desired: () => ({ metadata: { name: 'config' }, data: { color: 'blue' } }),
};

async function failureOf(promise: Promise<unknown>): Promise<DependentsError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (DependentsError.is(error)) return error;
  throw new Error(`It failed with ${String(error)}`);
}

test('an object of the name that nobody controls is refused and stays as it is', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add(config);
  const metadata = { name: 'config', namespace: 'default' };
  await cluster.client.resource(configMaps).create({ metadata, data: { color: 'green' } });
  const app = await cluster.webApp('shop');

  const { errors } = await failureOf(cluster.dependents.reconcile(app));

  expect(errors.map((each) => ForeignObjectError.is(each))).toEqual([true]);
  expect(String(errors[0])).toContain(
    'Cannot apply ConfigMap "default/config" of dependent "config": it exists and is not controlled by WebApp "default/shop"; choose another name, or set adopt',
  );
  expect((await cluster.configMap('config')).data).toEqual({ color: 'green' });
});

test('an object that the cache does not show is refused as well', async () => {
  await using cluster = await Cluster.start();
  const labelSelector = 'kubeloop.dev/managed-by=webapp';
  cluster.dependents.add({ ...config, selection: { labelSelector } });
  const metadata = { name: 'config', namespace: 'default' };
  await cluster.client.resource(configMaps).create({ metadata, data: { note: 'mine' } });
  const app = await cluster.webApp('shop');

  const { errors } = await failureOf(cluster.dependents.reconcile(app));

  expect(errors.map((each) => ForeignObjectError.is(each))).toEqual([true]);
  expect((await cluster.configMap('config')).data).toEqual({ note: 'mine' });
});

test('an object of the name that another owner controls is refused, even where adopting is allowed', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add({ ...config, adopt: true });
  const [shop, blog] = [await cluster.webApp('shop'), await cluster.webApp('blog')];
  await cluster.dependents.reconcile(shop);

  const { errors } = await failureOf(cluster.dependents.reconcile(blog));

  expect(errors[0]).toMatchObject({ controller: { kind: 'WebApp', name: 'shop' } });
  expect(String(errors[0])).toContain('it is controlled by WebApp "shop" with uid');
  const { metadata } = await cluster.configMap('config');
  expect(metadata?.ownerReferences?.map(({ name }) => name)).toEqual(['shop']);
});

test('an object of the name that nobody controls becomes the owner’s where that is asked for', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add({ ...config, adopt: true });
  const metadata = { name: 'config', namespace: 'default' };
  const data = { color: 'green', note: 'mine' };
  await cluster.client.resource(configMaps).create({ metadata, data });
  const app = await cluster.webApp('shop');

  const outcome = await cluster.dependents.reconcile(app);

  expect(outcome.perDependent['config']?.children[0]?.action).toBe('updated');
  const adopted = await cluster.configMap('config');
  expect(adopted.data).toEqual({ color: 'blue', note: 'mine' });
  expect(adopted.metadata?.ownerReferences).toMatchObject([{ name: 'shop', controller: true }]);
});

test('a child of one dependent is not taken by another', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add(config);
  cluster.dependents.add({ ...config, name: 'copy', after: ['config'] });
  const app = await cluster.webApp('shop');

  const error = await failureOf(cluster.dependents.reconcile(app));

  expect(error.message).toContain('dependent "config" has made it');
  expect(error.outcome.perDependent['config']?.state).toBe('ready');
});

test('a child of a dependent that is declared no more is taken by the one that desires it', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add(config);
  const app = await cluster.webApp('shop');
  await cluster.dependents.reconcile(app);
  const next = cluster.newDependents();
  next.add({ ...config, name: 'settings' });

  const outcome = await next.reconcile(app);

  expect(outcome.perDependent['settings']?.children[0]).toMatchObject({
    action: 'updated',
    differences: ['.metadata.labels.kubeloop.dev/dependent'],
  });
});

test('without force, fields of other managers are left to them and named with their managers', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add({ ...config, force: false });
  const app = await cluster.webApp('shop');
  await cluster.dependents.reconcile(app);
  const others = cluster.client.resource(configMaps).namespace('default');
  const fieldManager = 'kubectl-edit';
  await others.patch('config', { data: { color: 'green' } }, { type: 'merge', fieldManager });
  await seen(cluster, 'config', (map) => map?.data?.['color'] === 'green');

  const { errors } = await failureOf(cluster.dependents.reconcile(app));

  expect(errors.map((each) => FieldConflictError.is(each))).toEqual([true]);
  expect(errors[0]).toMatchObject({
    message:
      'Cannot apply ConfigMap "default/config" of dependent "config": fields are managed by others, .data.color by "kubectl-edit"; declare them no more, or set force',
    conflicts: [{ field: '.data.color', manager: 'kubectl-edit' }],
  });
  expect((await cluster.configMap('config')).data).toEqual({ color: 'green' });
});

test('one that fails does not stop the others, and those after it wait', async () => {
  await using cluster = await Cluster.start();
  cluster.dependents.add({
    ...config,
    name: 'broken',
    desired: () => {
      throw new Error('no idea');
    },
  });
  cluster.dependents.add({
    name: 'deployment',
    resource: deployments,
    after: ['broken'],
    desired: () => ({ metadata: { name: 'a' } }),
  });
  cluster.dependents.add(config);
  const app = await cluster.webApp('shop');

  const { message, outcome, errors } = await failureOf(cluster.dependents.reconcile(app));

  expect(message).toBe(
    'Cannot bring one dependent of WebApp "default/shop" to the desired state: broken: no idea',
  );
  expect(errors).toHaveLength(1);
  expect(Object.values(outcome.perDependent).map(({ name, state }) => [name, state])).toEqual([
    ['broken', 'failed'],
    ['deployment', 'waiting'],
    ['config', 'ready'],
  ]);
  expect(outcome.message).toBe('broken failed: no idea; deployment waits for broken');
});

test('what was written before a dependent failed is told all the same', async () => {
  await using cluster = await Cluster.start();
  const isReady = (): boolean => {
    throw new Error('no idea');
  };
  cluster.dependents.add({ ...config, isReady });
  const app = await cluster.webApp('shop');

  const { outcome } = await failureOf(cluster.dependents.reconcile(app));

  expect(outcome.writes).toBe(1);
  expect(outcome.perDependent['config']).toMatchObject({
    state: 'failed',
    children: [{ name: 'config', action: 'created' }],
  });
});

test('a failure is terminal when all that failed will fail the same way again', async () => {
  await using cluster = await Cluster.start();
  const fail = (error: Error) => () => {
    throw error;
  };
  cluster.dependents.add({ ...config, name: 'a', desired: fail(new TerminalError('no image')) });
  const mixed = cluster.newDependents();
  mixed.add({ ...config, name: 'a', desired: fail(new TerminalError('no image')) });
  mixed.add({ ...config, name: 'b', desired: fail(new Error('no network')) });
  const app = await cluster.webApp('shop');

  const terminal = await failureOf(cluster.dependents.reconcile(app));
  const other = await failureOf(mixed.reconcile(app));

  expect([TerminalError.is(terminal), TerminalError.is(other)]).toEqual([true, false]);
});
