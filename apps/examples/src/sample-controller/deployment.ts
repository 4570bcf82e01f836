import type { V1Deployment } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import { setControllerReference } from '@kubeloop/controller';
import { foos, type Foo } from './foo.ts';

/** The Deployment that a Foo asks for, with the Foo as its controller. */
export function deploymentFor(foo: Foo): Wire<V1Deployment> {
  const { name, namespace } = foo.metadata;
  const { deploymentName = '', replicas } = foo.spec;
  const labels = { app: 'nginx', controller: name };
  const deployment: Wire<V1Deployment> = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: deploymentName, namespace },
    spec: {
      ...(replicas !== undefined && { replicas }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'nginx', image: 'nginx:latest' }] },
      },
    },
  };
  return setControllerReference(foo, deployment, { resource: foos });
}
