import type { V1Deployment } from '@kubernetes/client-node';
import { DeletedFinalStateUnknown, metaNamespaceKeyFunc } from '@kubeloop/cache-store';
import { deployments, type KubeClient, type Wire } from '@kubeloop/client';
import { EventRecorder, getControllerOf, requestFromKey, type Logger } from '@kubeloop/controller';
import { SharedInformerFactory } from '@kubeloop/informer';
import {
  BucketRateLimiter,
  ItemExponentialFailureRateLimiter,
  MaxOfRateLimiter,
} from '@kubeloop/ratelimiter';
import { RateLimitingQueue, runWorkers } from '@kubeloop/workqueue';
import { deploymentFor } from './deployment.ts';
import { foos, type Foo } from './foo.ts';

const fieldManager = 'sample-controller';

/** What {@link runByHand} works with. */
export interface ByHandOptions {
  readonly client: KubeClient;
  readonly logger: Logger;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/**
 * The controller of Foos without a manager: two informers, a queue of keys between them and the workers, and the workers.
 * Resolves when all of it has stopped.
 */
export async function runByHand({ client, logger, signal }: ByHandOptions): Promise<void> {
  await using recorder = new EventRecorder({ client, name: fieldManager, logger });
  await using factory = new SharedInformerFactory(client, {
    resyncPeriodMs: 30_000,
    onError: (error, context) =>
      logger.warn('An informer failed and goes on', { error, ...context }),
  });
  const fooCache = factory.informerFor(foos);
  const deploymentCache = factory.informerFor(deployments);
  const queue = new RateLimitingQueue<string>({
    rateLimiter: new MaxOfRateLimiter(
      new ItemExponentialFailureRateLimiter({ baseDelayMs: 5, maxDelayMs: 1_000_000 }),
      new BucketRateLimiter({ qps: 50, burst: 300 }),
    ),
  });

  const enqueue = (foo: Foo): void => queue.add(metaNamespaceKeyFunc(foo));
  fooCache.addEventHandler({ add: enqueue, update: (_old, foo) => enqueue(foo) });

  const enqueueOwner = (deployment: Wire<V1Deployment>): void => {
    const owner = getControllerOf(deployment);
    if (owner?.kind !== foos.kind) return;
    const foo = fooCache.lister.byNamespace(deployment.metadata?.namespace ?? '').get(owner.name);
    if (foo) enqueue(foo);
  };
  deploymentCache.addEventHandler({
    add: enqueueOwner,
    update: (old, deployment) => {
      if (old.metadata?.resourceVersion !== deployment.metadata?.resourceVersion)
        enqueueOwner(deployment);
    },
    delete: (deleted) => {
      // When the deletion itself was missed, there is only what was known before.
      const deployment = DeletedFinalStateUnknown.is(deleted) ? deleted.obj : deleted;
      if (deployment) enqueueOwner(deployment);
    },
  });

  factory.start({ signal });
  await factory.waitForCacheSync({ signal });
  await runWorkers(
    queue,
    {
      concurrency: 2,
      signal,
      onError: (error, key) => logger.error('The Foo will be synced again', { key, error }),
    },
    sync,
  );

  async function sync(key: string): Promise<void> {
    // Keys that are queued at the end are handed out still. They are left to the next process, which lists everything anew.
    if (signal.aborted) return;
    const { namespace, name } = requestFromKey(key);
    const write = { fieldManager, signal };
    const foo = fooCache.lister.byNamespace(namespace).get(name);
    if (!foo) return logger.info('The Foo is gone; its Deployment goes with it', { key });

    const { deploymentName, replicas } = foo.spec;
    if (!deploymentName) return logger.error('The Foo has no spec.deploymentName', { key });

    const children = client.resource(deployments).namespace(namespace);
    let deployment =
      deploymentCache.lister.byNamespace(namespace).get(deploymentName) ??
      (await children.create(deploymentFor(foo), write));

    if (getControllerOf(deployment)?.uid !== foo.metadata.uid) {
      const note = `Resource "${deploymentName}" already exists and is not managed by Foo`;
      recorder.event(foo, { type: 'Warning', reason: 'ErrResourceExists', action: 'Sync', note });
      throw new Error(note);
    }

    if (replicas !== undefined && replicas !== deployment.spec?.replicas)
      deployment = await children.update(deploymentFor(foo), write);

    const status = { availableReplicas: deployment.status?.availableReplicas ?? 0 };
    await client
      .resource(foos)
      .namespace(namespace)
      .updateStatus({ ...foo, status }, write);
    recorder.event(foo, { reason: 'Synced', action: 'Sync', note: 'Foo synced successfully' });
    logger.info('The Foo is synced', { key });
  }
}
