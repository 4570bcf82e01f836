// Our informer of all pods, as its README has it. With --json it asks for JSON, as it has to for custom resources; with --whole
// it keeps managedFields.

import { KubeClient, type KubeClientOptions, pods } from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';
import { type Peer, runPeer } from './peer.ts';

let objects: Peer['objects'] = () => [];

await runPeer({
  async sync({ server, token, caFile }, onUpdate) {
    const options: KubeClientOptions & { protobuf?: boolean } = {
      server,
      token,
      caFile,
      skipTLSVerify: server.startsWith('http:'),
    };
    if (process.argv.includes('--json')) options.protobuf = false;
    const keepManagedFields = process.argv.includes('--whole');
    const factory = new SharedInformerFactory(new KubeClient(options), { keepManagedFields });
    const informer = factory.informerFor(pods);
    const registration = informer.addEventHandler({
      add() {},
      update: (_old, pod) => onUpdate(pod.metadata?.resourceVersion),
      delete() {},
    });
    objects = () => informer.lister.list();
    factory.start();
    await factory.waitForCacheSync();
    await registration.synced();
  },
  objects: () => objects(),
});
