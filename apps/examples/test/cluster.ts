import { readFile } from 'node:fs/promises';
import {
  KubeConfig,
  KubernetesObjectApi,
  loadAllYaml,
  PatchStrategy,
} from '@kubernetes/client-node';
import { ApiServer } from '@kubeloop/apiserver';
import { ignoreNotFound, KubeClient, namespaces, type Resource } from '@kubeloop/client';
import { sharedControlPlaneOrSkip, type SkippableContext } from '@kubeloop/control-plane';
import { expect } from 'vitest';

/** Where an example runs in a test. */
export interface Cluster extends AsyncDisposable {
  /** May do everything. */
  readonly admin: KubeClient;
  /** May do what the manifests of the example allow. */
  readonly client: KubeClient;
  /** A namespace of the test's own. */
  readonly namespace: string;
  /** A kubeconfig of `client`. */
  readonly kubeConfig: KubeConfig;
  /** Whether a controller-manager makes ReplicaSets and Pods. */
  readonly isReal: boolean;
}

/** Which example: a folder of `src`, also the name of its ServiceAccount. */
export interface Example {
  readonly name: string;
  /** The resource that its CustomResourceDefinition defines. */
  readonly resource: Resource<unknown>;
}

const serverSideApply = [
  undefined,
  undefined,
  'examples-test',
  true,
  PatchStrategy.ServerSideApply,
] as const;

/** An API server in this process: no role-based access control, no controller-manager. */
export async function inProcess(example: Example): Promise<Cluster> {
  const server = new ApiServer();
  await server.start();
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(server.kubeConfigYaml());
  const admin = new KubeClient(kubeConfig);
  const namespace = await prepare(admin, kubeConfig, example);
  const end = async (): Promise<void> => {
    await admin.close();
    await server.close();
  };
  const dispose = { [Symbol.asyncDispose]: end };
  return { admin, client: admin, kubeConfig, namespace, isReal: false, ...dispose };
}

/** The real control plane of the test run; `client` is the ServiceAccount of the example. */
export async function onControlPlane(
  context: SkippableContext,
  example: Example,
): Promise<Cluster> {
  const asAdmin = new KubeConfig();
  asAdmin.loadFromFile(sharedControlPlaneOrSkip(context).kubeconfig);
  const admin = new KubeClient(asAdmin);
  const namespace = await prepare(admin, asAdmin, example);
  const issued = await admin.request<{ readonly status: { readonly token: string } }>(
    `/api/v1/namespaces/default/serviceaccounts/${example.name}/token`,
    { method: 'POST', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' } },
  );
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    // Its current context has a cluster.
    asAdmin.getCurrentCluster()!,
    { name: example.name, token: issued.status.token },
  );
  const client = new KubeClient(kubeConfig);
  const end = async (): Promise<void> => {
    await admin.resource(namespaces).delete(namespace);
    await Promise.all([client.close(), admin.close()]);
  };
  return { admin, client, kubeConfig, namespace, isReal: true, [Symbol.asyncDispose]: end };
}

/** Installs the manifests of an example, as `kubectl apply` would, and makes a namespace. */
async function prepare(
  admin: KubeClient,
  kubeConfig: KubeConfig,
  { name, resource }: Example,
): Promise<string> {
  const kubectl = KubernetesObjectApi.makeApiClient(kubeConfig);
  for (const file of ['crd.yaml', 'rbac.yaml']) {
    const path = new URL(`../src/${name}/manifests/${file}`, import.meta.url);
    for (const object of loadAllYaml(await readFile(path, 'utf8')))
      await kubectl.patch(object, ...serverSideApply);
  }
  await expect.poll(() => isServed(admin, resource), { timeout: 10_000, interval: 20 }).toBe(true);
  const metadata = { generateName: `${name}-` };
  const created = await admin.resource(namespaces).create({ metadata });
  return created.metadata?.name ?? '';
}

async function isServed(admin: KubeClient, resource: Resource<unknown>): Promise<boolean> {
  return (await ignoreNotFound(admin.resource(resource).list({ limit: 1 }))) !== undefined;
}
