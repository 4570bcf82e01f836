import type { V1Pod, V1Service } from '@kubernetes/client-node';
import type { ObjectLike } from '@kubeloop/cache-store';
import {
  configMaps,
  deployments,
  services,
  type Apply,
  type KubeClient,
  type Resource,
  type Wire,
} from '@kubeloop/client';
import {
  addFinalizer,
  hasFinalizer,
  removeFinalizer,
  setControllerReference,
  type Reconciler,
} from '@kubeloop/controller';
import type { SharedInformer } from '@kubeloop/informer';
import { desiredConfigMap } from '../children/config-map.ts';
import { covers } from '../children/covers.ts';
import { desiredDeployment } from '../children/deployment.ts';
import { appLabel, fieldManager } from '../children/metadata.ts';
import { desiredService } from '../children/service.ts';
import type { HostRegistry } from '../host-registry.ts';
import { appIndex, ownedBy, type Caches } from './caches.ts';
import { selects } from './service-selector.ts';
import { isNodeReady, nodesOf, webAppStatus, type Observed } from './status.ts';
import { webApps, type WebApp } from './web-app.ts';

/** Holds a WebApp back until its host name is withdrawn. */
export const finalizer = 'demo.kubeloop.dev/host-name';

/** What the reconciler works with. */
export interface WebAppReconcilerOptions {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly hosts: HostRegistry;
}

/**
 * Brings the cluster from whatever it is to what a WebApp says. It looks only at the present: which event led here, and
 * how many, does not matter. Reads come from the caches; what is already as desired is not written again.
 */
export function webAppReconciler({ client, caches, hosts }: WebAppReconcilerOptions): Reconciler {
  return async ({ namespace, name }, { signal }) => {
    const webApp = caches.webApps.lister.byNamespace(namespace).get(name);
    if (!webApp) return;
    if (webApp.metadata.deletionTimestamp !== undefined) {
      await cleanUp(webApp, signal);
      return;
    }
    if (!hasFinalizer(webApp, finalizer))
      await addFinalizer(client.resource(webApps), webApp, finalizer, { signal });
    await hosts.publish(`${namespace}/${name}`);
    await applyChildren(webApp, signal);
    await applyStatus(webApp, signal);
  };

  /** Garbage collection takes the children; what lies outside the cluster is ours to take back. */
  async function cleanUp(webApp: WebApp, signal: AbortSignal): Promise<void> {
    if (!hasFinalizer(webApp, finalizer)) return;
    await hosts.withdraw(`${webApp.metadata.namespace}/${webApp.metadata.name}`);
    await removeFinalizer(client.resource(webApps), webApp, finalizer, { signal });
  }

  /** Applies each child that is not yet, or not any more, as it should be. */
  async function applyChildren(webApp: WebApp, signal: AbortSignal): Promise<void> {
    const { namespace, name } = webApp.metadata;
    const configMap = desiredConfigMap(webApp);
    const deployment = desiredDeployment(webApp, configMap.data ?? {});
    const service = desiredService(webApp);

    const applyChild = async <T extends ObjectLike>(
      resource: Resource<T>,
      cache: SharedInformer<T>,
      child: T,
    ): Promise<void> => {
      const desired = setControllerReference(webApp, child, { resource: webApps });
      if (covers(cache.lister.byNamespace(namespace).get(name), desired)) return;
      const children = client.resource(resource).namespace(namespace);
      // Children are named after their WebApp.
      await children.apply(desired as T & Apply<T>, { fieldManager, force: true, signal });
    };
    await applyChild(configMaps, caches.configMaps, configMap);
    await applyChild(deployments, caches.deployments, deployment);
    await applyChild(services, caches.services, service);
  }

  async function applyStatus(webApp: WebApp, signal: AbortSignal): Promise<void> {
    const status = webAppStatus(webApp, observe(webApp));
    if (covers(webApp.status, status)) return;
    const { apiVersion, kind, metadata } = webApp;
    const { name, namespace } = metadata;
    // The spec of a WebApp is its author's; a status is applied without it.
    const patch = { apiVersion, kind, metadata: { name, namespace }, status };
    await client
      .resource(webApps)
      .namespace(namespace)
      .patchStatus(name, patch, { type: 'merge', fieldManager, signal });
  }

  /** What the caches know of a WebApp: its pods by owner, and the pods that its Service selects by label. */
  function observe(webApp: WebApp): Observed {
    const { namespace, name } = webApp.metadata;
    const deployment = caches.deployments.lister.byNamespace(namespace).get(name);
    const service = caches.services.lister.byNamespace(namespace).get(name);
    const replicaSets = ownedBy(caches.replicaSets, deployment);
    const pods = replicaSets.flatMap((replicaSet) => ownedBy(caches.pods, replicaSet));
    const unreadyNodes = nodesOf(pods).filter((node) => {
      const cached = caches.nodes.lister.get(node);
      return cached !== undefined && !isNodeReady(cached);
    });
    const selected = service ? podsOfApp(service).filter((pod) => selects(service, pod)) : [];
    return { deployment, pods, selected, unreadyNodes };
  }

  /** The pods that a Service can reach at all: those that carry the application's label, which an index finds. */
  function podsOfApp({ metadata, spec }: Wire<V1Service>): readonly Wire<V1Pod>[] {
    const { namespace } = metadata ?? {};
    return caches.pods.indexer
      .byIndex(appIndex, spec?.selector?.[appLabel] ?? '')
      .filter((pod) => pod.metadata?.namespace === namespace);
  }
}
