import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { sharedControlPlaneOrSkip } from '../src/or-skip.ts';
import { call, countItems, makeNamespace } from './api.ts';
import { withControllersOrSkip } from './needs-controllers.ts';

const labels = { app: 'web' };
const deployment = {
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web' }] } },
  },
};

test('the API server answers /readyz over TLS that its certificate vouches for', async (context) => {
  const api = sharedControlPlaneOrSkip(context);

  expect(await call(api, 'GET', '/readyz')).toEqual({ status: 200, body: 'ok' });
});

test('a wrong token is refused', async (context) => {
  const api = sharedControlPlaneOrSkip(context);

  const answer = await call({ ...api, token: 'wrong' }, 'GET', '/api/v1/namespaces');

  expect(answer.status).toBe(401);
});

test('the kubeconfig names the same server', async (context) => {
  const api = sharedControlPlaneOrSkip(context);

  expect(await readFile(api.kubeconfig, 'utf8')).toContain(api.server);
});

test('/version tells the version that the programs were built from', async (context) => {
  const api = sharedControlPlaneOrSkip(context);
  if (process.env['KUBEBUILDER_ASSETS']) context.skip('the programs are not ours');

  const answer = await call(api, 'GET', '/version');

  expect(answer.body).toMatchObject({ gitVersion: 'v1.36.3', major: '1', minor: '36' });
});

test('a Deployment makes Pods, and its background deletion collects them', async (context) => {
  const api = await withControllersOrSkip(context);
  const namespace = await makeNamespace(api, 'garbage');
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const pods = async (): Promise<number> => countItems(api, `/api/v1/namespaces/${namespace}/pods`);

  const created = await call(api, 'POST', deployments, deployment);
  expect(created.status).toBe(201);
  await expect.poll(pods, { timeout: 20_000 }).toBe(2);

  const deleted = await call(api, 'DELETE', `${deployments}/web`, {
    propagationPolicy: 'Background',
  });
  expect(deleted.status).toBe(200);
  await expect.poll(pods, { timeout: 20_000 }).toBe(0);
  expect(await countItems(api, `/apis/apps/v1/namespaces/${namespace}/replicasets`)).toBe(0);
});

test('a deleted namespace goes away with what is in it', async (context) => {
  const api = await withControllersOrSkip(context);
  const namespace = await makeNamespace(api, 'finalized');
  await call(api, 'POST', `/api/v1/namespaces/${namespace}/configmaps`, {
    metadata: { name: 'a' },
  });

  await call(api, 'DELETE', `/api/v1/namespaces/${namespace}`);

  const status = async (): Promise<number | undefined> =>
    (await call(api, 'GET', `/api/v1/namespaces/${namespace}`)).status;
  await expect.poll(status, { timeout: 30_000 }).toBe(404);
});
