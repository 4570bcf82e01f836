// The informer of @kubernetes/client-node on all pods, as its documentation has it.

import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';
import { type Peer, runPeer } from './peer.ts';

let objects: Peer['objects'] = () => [];

await runPeer({
  async sync({ server, token, caFile }, onUpdate) {
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [
        {
          name: 'bench',
          server,
          ...(caFile === undefined ? { skipTLSVerify: true } : { caFile }),
        },
      ],
      users: [{ name: 'bench', ...(token !== undefined && { token }) }],
      contexts: [{ name: 'bench', cluster: 'bench', user: 'bench' }],
      currentContext: 'bench',
    });
    const api = config.makeApiClient(CoreV1Api);
    const informer = makeInformer(config, '/api/v1/pods', () => api.listPodForAllNamespaces());
    informer.on('add', () => {});
    informer.on('update', (pod) => onUpdate(pod.metadata?.resourceVersion));
    informer.on('delete', () => {});
    let isSynced = false;
    informer.on('error', (error: unknown) => {
      if (isSynced) setTimeout(() => void informer.start(), 1000);
      else throw error;
    });
    objects = () => informer.list();
    await informer.start();
    isSynced = true;
  },
  objects: () => objects(),
});
