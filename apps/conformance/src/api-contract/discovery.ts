import { describe, expect, test } from 'vitest';

import { failure } from '../manifests.ts';
import type { ApiTarget } from '../target.ts';

interface ResourceList {
  readonly kind: string;
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string }[];
}

async function resourceOf(api: ApiTarget, path: string, name: string): Promise<unknown> {
  // The path is one of a group and version.
  const list = (await api.get(path)).body as ResourceList;
  return list.resources.find((resource) => resource.name === name);
}

const everyVerb = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** What a server says about itself. */
export function discoveryContract(target: () => ApiTarget): void {
  describe('discovery', () => {
    test.each(['/readyz', '/livez', '/healthz'])('%s answers ok as text', async (path) => {
      const { code, headers, text } = await target().get(path);

      expect({ code, text }).toEqual({ code: 200, text: 'ok' });
      expect(headers['content-type']).toMatch(/^text\/plain/);
    });

    test('the version has a major and a minor number and a git version', async () => {
      const { code, body } = await target().get('/version');

      expect(code).toBe(200);
      expect(body).toMatchObject({
        major: '1',
        minor: expect.stringMatching(/^\d+/),
        gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/),
      });
    });

    test('the core versions are v1', async () => {
      const { body } = await target().get('/api');

      expect(body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    });

    test('the groups are listed with their versions and the preferred one', async () => {
      const { body } = await target().get('/apis');

      const version = { groupVersion: 'apps/v1', version: 'v1' };
      expect(body).toMatchObject({ kind: 'APIGroupList', apiVersion: 'v1' });
      expect(body).toHaveProperty(
        'groups',
        expect.arrayContaining([{ name: 'apps', versions: [version], preferredVersion: version }]),
      );
    });

    test('one group has its versions', async () => {
      const { body } = await target().get('/apis/apps');

      const version = { groupVersion: 'apps/v1', version: 'v1' };
      expect(body).toEqual({
        kind: 'APIGroup',
        apiVersion: 'v1',
        name: 'apps',
        versions: [version],
        preferredVersion: version,
      });
    });

    test('a resource of the core group is described by its names, scope and verbs', async () => {
      const configMaps = await resourceOf(target(), '/api/v1', 'configmaps');

      expect(configMaps).toMatchObject({
        name: 'configmaps',
        singularName: 'configmap',
        namespaced: true,
        kind: 'ConfigMap',
        verbs: everyVerb,
        shortNames: ['cm'],
      });
    });

    test('a cluster-scoped resource says so', async () => {
      const namespaces = await resourceOf(target(), '/api/v1', 'namespaces');

      expect(namespaces).toMatchObject({
        namespaced: false,
        kind: 'Namespace',
        shortNames: ['ns'],
      });
    });

    test('subresources are listed with their own kind and verbs', async () => {
      const status = await resourceOf(target(), '/apis/apps/v1', 'deployments/status');
      const scale = await resourceOf(target(), '/apis/apps/v1', 'deployments/scale');

      const verbs = ['get', 'patch', 'update'];
      expect(status).toMatchObject({ namespaced: true, kind: 'Deployment', verbs });
      expect(scale).toMatchObject({
        namespaced: true,
        group: 'autoscaling',
        version: 'v1',
        kind: 'Scale',
        verbs,
      });
    });

    test('an unknown version of a known group is not found, as a Status', async () => {
      const { code, body } = await target().get('/apis/apps/v9');

      expect(code).toBe(404);
      expect(body).toEqual(
        failure(404, 'NotFound', {
          message: 'the server could not find the requested resource',
          details: {},
        }),
      );
    });

    test('an unknown group is not found, as plain text', async () => {
      const { code, headers, text } = await target().get('/apis/unknown.example.com/v1');

      expect({ code, text }).toEqual({ code: 404, text: '404 page not found\n' });
      expect(headers['content-type']).toMatch(/^text\/plain/);
    });
  });
}
