/** Members of the metadata of every object. */
export const metadataMembers: ReadonlySet<string> = new Set([
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
]);

const specAndStatus = 'spec status';
const bindings = 'subjects roleRef';

/** Members beside kind, apiVersion and metadata, by group and plural. */
const table: Readonly<Record<string, string>> = {
  '/pods': specAndStatus,
  '/services': specAndStatus,
  '/endpoints': 'subsets',
  '/configmaps': 'data binaryData immutable',
  '/secrets': 'data stringData type immutable',
  '/nodes': specAndStatus,
  '/namespaces': specAndStatus,
  '/serviceaccounts': 'secrets imagePullSecrets automountServiceAccountToken',
  '/persistentvolumes': specAndStatus,
  '/persistentvolumeclaims': specAndStatus,
  '/replicationcontrollers': specAndStatus,
  '/limitranges': 'spec',
  '/resourcequotas': specAndStatus,
  '/podtemplates': 'template',
  '/events':
    'involvedObject reason message source firstTimestamp lastTimestamp count type eventTime series action related reportingComponent reportingInstance',
  'events.k8s.io/events':
    'eventTime series reportingController reportingInstance action reason regarding related note type deprecatedSource deprecatedFirstTimestamp deprecatedLastTimestamp deprecatedCount',
  'apps/deployments': specAndStatus,
  'apps/replicasets': specAndStatus,
  'apps/statefulsets': specAndStatus,
  'apps/daemonsets': specAndStatus,
  'apps/controllerrevisions': 'data revision',
  'batch/jobs': specAndStatus,
  'batch/cronjobs': specAndStatus,
  'autoscaling/horizontalpodautoscalers': specAndStatus,
  'coordination.k8s.io/leases': 'spec',
  'discovery.k8s.io/endpointslices': 'addressType endpoints ports',
  'networking.k8s.io/ingresses': specAndStatus,
  'networking.k8s.io/ingressclasses': 'spec',
  'networking.k8s.io/networkpolicies': 'spec',
  'policy/poddisruptionbudgets': specAndStatus,
  'rbac.authorization.k8s.io/roles': 'rules',
  'rbac.authorization.k8s.io/clusterroles': 'rules aggregationRule',
  'rbac.authorization.k8s.io/rolebindings': bindings,
  'rbac.authorization.k8s.io/clusterrolebindings': bindings,
  'scheduling.k8s.io/priorityclasses': 'value globalDefault description preemptionPolicy',
  'storage.k8s.io/storageclasses':
    'provisioner parameters reclaimPolicy mountOptions allowVolumeExpansion volumeBindingMode allowedTopologies',
  'storage.k8s.io/volumeattachments': specAndStatus,
  'storage.k8s.io/csidrivers': 'spec',
  'storage.k8s.io/csinodes': 'spec',
  'node.k8s.io/runtimeclasses': 'handler overhead scheduling',
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': 'webhooks',
  'admissionregistration.k8s.io/validatingwebhookconfigurations': 'webhooks',
  'apiextensions.k8s.io/customresourcedefinitions': specAndStatus,
};

/**
 * The members at the top of a built-in kind; `undefined` for a resource whose members are not known,
 * such as one of the server's options.
 */
export function topMembers(group: string, plural: string): readonly string[] | undefined {
  const key = `${group}/${plural}`;
  return Object.hasOwn(table, key) ? table[key]?.split(' ') : undefined;
}
