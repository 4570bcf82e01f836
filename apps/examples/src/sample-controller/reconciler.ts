import { deployments } from '@kubeloop/client';
import { getControllerOf, type Manager, type Reconciler } from '@kubeloop/controller';
import { deploymentFor } from './deployment.ts';
import { foos } from './foo.ts';

/** Names the controller in events, in managed fields and in the log. */
export const agentName = 'sample-controller';

/**
 * Brings the Deployment of a Foo to what the Foo asks for, and the Foo's status to what the Deployment has.
 *
 * Reads come from the caches. The writes are remembered: the next reconcile begins when the caches show them.
 */
export function fooReconciler(manager: Manager): Reconciler {
  const allFoos = manager.consistentClient.resource(foos);
  const allDeployments = manager.consistentClient.resource(deployments);
  const recorder = manager.eventRecorder(agentName);

  return async ({ namespace, name }, { signal, logger }) => {
    const write = { fieldManager: agentName, signal };
    const foo = await allFoos.namespace(namespace).get(name, { signal });
    if (!foo) return logger.info('The Foo is gone; its Deployment goes with it');

    const { deploymentName, replicas } = foo.spec;
    // No retry helps before somebody changes the Foo, and that leads here again.
    if (!deploymentName) return logger.error('The Foo has no spec.deploymentName');

    const children = allDeployments.namespace(namespace);
    let deployment =
      (await children.get(deploymentName, { signal })) ??
      (await children.create(deploymentFor(foo), write));

    if (getControllerOf(deployment)?.uid !== foo.metadata.uid) {
      const note = `Resource "${deploymentName}" already exists and is not managed by Foo`;
      recorder.event(foo, { type: 'Warning', reason: 'ErrResourceExists', action: 'Sync', note });
      throw new Error(note);
    }

    if (replicas !== undefined && replicas !== deployment.spec?.replicas)
      deployment = await children.update(deploymentFor(foo), write);

    const status = { availableReplicas: deployment.status?.availableReplicas ?? 0 };
    await allFoos.namespace(namespace).updateStatus({ ...foo, status }, write);
    recorder.event(foo, { reason: 'Synced', action: 'Sync', note: 'Foo synced successfully' });
  };
}
