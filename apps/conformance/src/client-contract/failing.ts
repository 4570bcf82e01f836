import {
  ApiStatusError,
  configMaps,
  ConnectionError,
  defineResource,
  isForbidden,
  isNotFound,
  isUnauthorized,
  isUnknownResource,
  KubeClient,
} from '@kubeloop/client';
import { describe, expect, test } from 'vitest';

import { Space } from '../space.ts';
import { messageOf, rejection, type Access, type ClientTarget } from './client-target.ts';

/** The texts of failures, which people read, and how programs tell them apart. */
export function failingContract(target: () => ClientTarget): void {
  describe('a client fails', () => {
    test('on an unknown object, in words about verb, object, namespace and reason', async () => {
      await using space = await Space.create(target().api);
      const client = target().client.resource(configMaps).namespace(space.name);

      const error = await rejection(client.get('a'));

      expect(messageOf(error)).toBe(
        `Cannot get configmaps "a" in namespace "${space.name}": configmaps "a" not found (404 NotFound)`,
      );
      expect([isNotFound(error), isUnknownResource(error)]).toEqual([true, false]);
    });

    test('on an unknown resource, with the question whether its CRD is installed', async () => {
      const things = defineResource<{ readonly metadata?: object }>({
        group: 'unknown.example.com',
        version: 'v1',
        plural: 'things',
        kind: 'Thing',
        namespaced: true,
      });

      const error = await rejection(target().client.resource(things).list());

      expect(messageOf(error)).toBe(
        `Cannot list things.unknown.example.com: the server ${target().client.server} does not know things.unknown.example.com/v1: is the CRD installed? (404 NotFound)`,
      );
      expect(isUnknownResource(error)).toBe(true);
    });

    test('with a wrong token, and names the server', async () => {
      await using client = new KubeClient(target().stranger);

      const error = await rejection(client.resource(configMaps).list());

      expect(messageOf(error)).toBe(
        `Cannot list configmaps: server ${client.server} refused the credentials: Unauthorized (401 Unauthorized)`,
      );
      expect(isUnauthorized(error)).toBe(true);
    });

    test('on what is not allowed, in the words of the server', async () => {
      await using client = new KubeClient(target().limited);

      const error = await rejection(client.resource(configMaps).namespace('default').list());

      expect(isForbidden(error)).toBe(true);
      expect(messageOf(error)).toMatch(
        /^Cannot list configmaps in namespace "default": configmaps is forbidden: User "\S+" cannot list resource "configmaps" in API group "" in the namespace "default" \(403 Forbidden\)$/,
      );
    });

    test('when nobody listens, and names the server and the reason', async () => {
      // Port 1 is privileged and served by nothing that anybody runs.
      await using client = new KubeClient({ server: 'https://127.0.0.1:1', maxRetries: 0 });

      const error = await rejection(client.resource(configMaps).list());

      expect(ConnectionError.is(error) && error.code).toBe('ECONNREFUSED');
      expect(messageOf(error)).toMatch(
        /^Cannot reach server https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
      );
      expect(ApiStatusError.is(error)).toBe(false);
    });
  });
}

/** What a server with a certificate of its own adds: certificates that do not vouch for it. */
export function certificateContract(access: () => Access & { readonly ca?: unknown }): void {
  describe('a client checks the certificate', () => {
    test('and fails without one that vouches for the server, naming the server and the code', async () => {
      const { ca: _, ...options } = access();
      await using client = new KubeClient({ ...options, maxRetries: 0 });

      const error = await rejection(client.resource(configMaps).list());

      expect(ConnectionError.is(error) && error.code).toMatch(
        /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/,
      );
      expect(messageOf(error)).toContain(`Cannot reach server ${options.server}: `);
    });

    test('and succeeds without one when told not to check', async () => {
      const { ca: _, ...options } = access();
      await using client = new KubeClient({ ...options, skipTLSVerify: true });

      expect(await client.request('/readyz')).toBe('ok');
    });
  });
}
