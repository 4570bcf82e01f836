import { KubeClient, namespaces, pods } from '@kubeloop/client';
import { expect, inject, test, vi } from 'vitest';
import { Manager } from '../src/manager.ts';

// What the global set-up of the integration run provides.
const controlPlane = inject('controlPlane' as never) as
  | { readonly server: string; readonly token: string; readonly ca: string }
  | { readonly skip: string };

test.for<readonly [boolean, readonly string[]]>([
  [true, ['a', 'sentinel']],
  [false, ['a', 'a', 'sentinel']],
])(
  'a reconciler that patches the status once, with skipOwnEvents %s, reconciles %j',
  async ([skipOwnEvents, expected], context) => {
    if ('skip' in controlPlane) return context.skip(controlPlane.skip);
    const { server, token, ca } = controlPlane;
    await using client = new KubeClient({ server, token, ca });
    const namespace = `own-events-${Date.now()}`;
    await client.resource(namespaces).create({ metadata: { name: namespace } });
    const manager = new Manager({ client, namespace });
    const maps = manager.informerFor(pods).lister.byNamespace(namespace);
    const writer = manager.consistentClient.resource(pods).namespace(namespace);
    const reconciled: string[] = [];
    manager
      .controller('own-events')
      .for(pods)
      .withOptions({ skipOwnEvents })
      .reconcile(async ({ name }, { signal }) => {
        reconciled.push(name);
        const pod = maps.get(name);
        if (name !== 'a' || pod?.status?.message === 'seen') return;
        const { resourceVersion } = pod?.metadata ?? {};
        const patch = { metadata: { resourceVersion }, status: { message: 'seen' } };
        await writer.patchStatus(name, patch, { type: 'merge', signal });
      });
    const stop = new AbortController();
    const ended = manager.run({ signal: stop.signal });
    const create = (name: string): Promise<unknown> =>
      client
        .resource(pods)
        .namespace(namespace)
        .create({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    await create('a');
    await vi.waitFor(
      async () =>
        expect((await client.resource(pods).namespace(namespace).get('a')).status?.message).toBe(
          'seen',
        ),
      { timeout: 20_000 },
    );
    // The watch tells it after the own write.
    await create('sentinel');
    await vi.waitFor(() => expect(reconciled).toContain('sentinel'), { timeout: 20_000 });

    stop.abort();
    await ended;
    expect(reconciled).toEqual(expected);
    return undefined;
  },
);
