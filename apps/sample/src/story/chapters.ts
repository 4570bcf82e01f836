import { configMaps, pods, services } from '@kubeloop/client';
import { hasFinalizer, isConditionTrue } from '@kubeloop/controller';
import { settingsHash } from '../children/config-map.ts';
import { settingsAnnotation } from '../children/deployment.ts';
import { setNodeReady } from '../simulator/nodes.ts';
import { finalizer } from '../web-app/reconciler.ts';
import { isPodReady } from '../web-app/status.ts';
import { webAppNamed, webApps } from '../web-app/web-app.ts';
import type { Chapter } from './chapter.ts';
import { isSettled, podsOf, replicaSetsOf, webAppOf } from './look.ts';
import { loadNamespace } from './load.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

const image = 'nginx:1.29-alpine';
const evening = { theme: 'dark', banner: 'Good evening' };

const create: Chapter = {
  title: 'Create two applications',
  why: 'One WebApp becomes a ConfigMap, a Deployment and a Service; the Deployment a ReplicaSet, that its pods. Each is owned by the one above.',
  async act({ client, namespace }, signal) {
    const resource = client.resource(webApps);
    const settings = { theme: 'light' };
    await resource.create(
      webAppNamed(namespace, 'shop', { image, replicas: 3, port: 80, settings }),
      { signal },
    );
    await resource.create(webAppNamed(namespace, 'blog', { image, replicas: 2, port: 80 }), {
      signal,
    });
  },
  facts: [
    {
      says: 'shop has 3 ready pods, and its Service reaches them',
      holds: (stage) => isSettled(stage, 'shop', 3),
    },
    {
      says: 'blog has 2 ready pods, and its Service reaches them',
      holds: (stage) => isSettled(stage, 'blog', 2),
    },
    {
      says: 'both are known outside the cluster, and a finalizer guards that',
      holds: (stage) =>
        ['shop', 'blog'].every((name) => {
          const webApp = webAppOf(stage, name);
          return (
            webApp !== undefined &&
            hasFinalizer(webApp, finalizer) &&
            stage.hosts.hostOf(`${stage.namespace}/${name}`) !== undefined
          );
        }),
    },
  ],
};

const scale: Chapter = {
  title: 'Scale shop from 3 to 5',
  why: 'The scale subresource changes the spec; the change runs down three owners to the pods, and their readiness runs back up.',
  async act({ client, namespace }, signal) {
    const shops = client.resource(webApps).namespace(namespace);
    await shops.patchScale('shop', { spec: { replicas: 5 } }, { type: 'merge', signal });
  },
  facts: [{ says: 'shop has 5 ready pods', holds: (stage) => isSettled(stage, 'shop', 5) }],
};

const crash: Chapter = {
  title: 'A pod of shop dies',
  why: 'A pod is three owners away from its WebApp: Pod, ReplicaSet, Deployment, WebApp. The way up leads through the caches, without a call to the API server.',
  async act(stage, signal) {
    const { metadata } = podsOf(stage, 'shop').find(isPodReady) ?? {};
    const { name = '', namespace = '' } = metadata ?? {};
    if (stage.simulator) await stage.simulator.kubelet.crash(namespace, name);
    else await stage.client.resource(pods).namespace(namespace).delete(name, { signal });
    await until(
      'shop says that it is not available',
      () => !isConditionTrue(webAppOf(stage, 'shop')?.status?.conditions, 'Available'),
      signal,
    );
  },
  facts: [
    { says: 'shop has noticed, and has recovered', holds: (stage) => isSettled(stage, 'shop', 5) },
  ],
};

const rollout: Chapter = {
  title: 'Change the settings of shop',
  why: 'Settings live in a ConfigMap. The pod template carries their fingerprint, so that other settings mean other pods: a rollout.',
  async act({ client, namespace }, signal) {
    await client
      .resource(webApps)
      .namespace(namespace)
      .patch('shop', { spec: { settings: evening } }, { type: 'merge', signal });
  },
  facts: [
    {
      says: 'the ConfigMap has the new settings',
      holds: ({ caches, namespace }) =>
        caches.configMaps.lister.byNamespace(namespace).get('shop')?.data?.['banner'] ===
        evening.banner,
    },
    {
      says: 'every pod of shop is of the new template, and all 5 are ready',
      holds: (stage) =>
        isSettled(stage, 'shop', 5) &&
        podsOf(stage, 'shop').every(
          (pod) => pod.metadata?.annotations?.[settingsAnnotation] === settingsHash(evening),
        ),
    },
    {
      says: 'one ReplicaSet of shop has all the pods, the older one none',
      holds: (stage) =>
        replicaSetsOf(stage, 'shop').filter((each) => (each.spec?.replicas ?? 0) > 0).length === 1,
    },
  ],
};

const drift: Chapter = {
  title: 'Somebody meddles with the children of blog',
  why: 'A controller compares what is with what should be. Which event told it, and what was done, does not matter.',
  async act({ client, namespace }, signal) {
    await client.resource(services).namespace(namespace).delete('blog', { signal });
    await client
      .resource(configMaps)
      .namespace(namespace)
      .patch(
        'blog',
        { metadata: { labels: { 'app.kubernetes.io/name': 'stolen' } } },
        { type: 'merge', signal },
      );
  },
  facts: [
    {
      says: 'the Service of blog is back, and the label of its ConfigMap too',
      holds: ({ caches, namespace }) =>
        caches.services.lister.byNamespace(namespace).get('blog')?.spec?.selector !== undefined &&
        caches.configMaps.lister.byNamespace(namespace).get('blog')?.metadata?.labels?.[
          'app.kubernetes.io/name'
        ] === 'blog',
    },
    {
      says: 'blog has 2 ready pods behind its Service',
      holds: (stage) => isSettled(stage, 'blog', 2),
    },
  ],
};

const nodeFailure: Chapter = {
  title: 'A node fails and comes back',
  why: 'Nodes own no pods. An index of the pods by node tells which WebApps a node concerns.',
  async act(stage, signal) {
    const node = stage.simulator?.nodes[0] ?? '';
    const concerned = affected(stage, node);
    await setNodeReady(stage.client, node, false, signal);
    await until(
      `${concerned.join(' and ')} say that a node is not ready`,
      () => concerned.every((name) => !nodesAreReady(stage, name)),
      signal,
    );
    await setNodeReady(stage.client, node, true, signal);
  },
  facts: [
    {
      says: 'every WebApp with a pod on that node had noticed; all is well again',
      holds: (stage) =>
        isSettled(stage, 'shop', 5) &&
        isSettled(stage, 'blog', 2) &&
        nodesAreReady(stage, 'shop') &&
        nodesAreReady(stage, 'blog'),
    },
  ],
};

const remove: Chapter = {
  title: 'Delete blog',
  why: 'The finalizer holds it back until its host name is withdrawn; then garbage collection follows the owner references down.',
  async act({ client, namespace }, signal) {
    await client.resource(webApps).namespace(namespace).delete('blog', { signal });
  },
  facts: [
    { says: 'blog is gone', holds: (stage) => webAppOf(stage, 'blog') === undefined },
    {
      says: 'its host name is withdrawn',
      holds: (stage) => stage.hosts.hostOf(`${stage.namespace}/blog`) === undefined,
    },
    { says: 'nothing that it owned is left', holds: hasNothingOf('blog') },
    { says: 'shop is as it was', holds: (stage) => isSettled(stage, 'shop', 5) },
  ],
};

/** A chapter that waits until the pods that are there for their number are ready. */
function crowd(pods: number): Chapter {
  return {
    title: `${pods} pods more`,
    why: 'Queue, cache and watches carry a crowd; the story goes on beside it.',
    async act() {},
    facts: [
      {
        says: `${pods} pods more are ready`,
        holds: ({ caches }) =>
          caches.pods.lister.byNamespace(loadNamespace).list().filter(isPodReady).length === pods,
      },
    ],
  };
}

/**
 * The story, chapter by chapter. A node can fail only where the nodes are simulated.
 *
 * @param pods - how many pods there are besides those of the story
 */
export function chapters(stage: Stage, pods: number): readonly Chapter[] {
  return [
    ...(pods > 0 ? [crowd(pods)] : []),
    create,
    scale,
    crash,
    rollout,
    drift,
    ...(stage.simulator ? [nodeFailure] : []),
    remove,
  ];
}

function affected(stage: Stage, node: string): string[] {
  return ['shop', 'blog'].filter((name) =>
    podsOf(stage, name).some((pod) => pod.spec?.nodeName === node),
  );
}

function nodesAreReady(stage: Stage, name: string): boolean {
  return isConditionTrue(webAppOf(stage, name)?.status?.conditions, 'NodesReady');
}

function hasNothingOf(name: string): (stage: Stage) => boolean {
  return ({ caches, namespace }) =>
    [caches.configMaps, caches.services, caches.deployments, caches.replicaSets, caches.pods].every(
      (cache) =>
        !cache.indexer
          .list()
          .some(
            ({ metadata }) =>
              metadata?.namespace === namespace &&
              metadata.labels?.['app.kubernetes.io/name'] === name,
          ),
    );
}
