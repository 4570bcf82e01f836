// Our informer of all pods, as its README has it. With --json it asks for JSON, as it has to for custom resources; with --whole
// it keeps managedFields. With --handlers N it has as many handlers; with --informers N there are as many informers on one client,
// one for each of the first namespaces; with --http2 that client speaks HTTP/2.

import { parseArgs } from 'node:util';
import { KubeClient, type KubeClientOptions, pods } from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';
import { type Peer, runPeer } from './peer.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
    http2: { type: 'boolean', default: false },
    handlers: { type: 'string', default: '1' },
    informers: { type: 'string' },
  },
});
const handlers = Number(values.handlers);
let objects: Peer['objects'] = () => [];

await runPeer({
  handlers,
  async sync({ server, token, caFile }, onUpdate) {
    const options: KubeClientOptions & { protobuf?: boolean } = {
      server,
      token,
      caFile,
      http2: values.http2,
      skipTLSVerify: caFile === undefined,
    };
    if (values.json) options.protobuf = false;
    const factory = new SharedInformerFactory(new KubeClient(options), {
      keepManagedFields: values.whole,
    });
    const informers =
      values.informers === undefined
        ? [factory.informerFor(pods)]
        : namespacesOf(Number(values.informers)).map((namespace) =>
            factory.informerFor(pods, { namespace }),
          );
    const registrations = informers.flatMap((informer) =>
      Array.from({ length: handlers }, () =>
        informer.addEventHandler({
          add() {},
          update: (_old, pod) => onUpdate(pod.metadata?.resourceVersion),
          delete() {},
        }),
      ),
    );
    objects = () => informers.flatMap((informer) => informer.lister.list());
    factory.start();
    await factory.waitForCacheSync();
    await Promise.all(registrations.map((registration) => registration.synced()));
  },
  objects: () => objects(),
});

/** The names that the server gives namespaces. */
function namespacesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `team-${String(i).padStart(2, '0')}`);
}
