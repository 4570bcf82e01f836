import {
  defineResource,
  type InternalOptions,
  type ResourceDefinition,
  type ResourceOptions,
} from './definition.ts';
import { eventFromCore, eventToCore } from './event-versions.ts';

type Row = Omit<ResourceOptions, 'group' | 'version'> & InternalOptions;

const status = ['status'];
const scalable = ['status', 'scale'];
const eventFields = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'source',
  'type',
];

const core: readonly Row[] = [
  {
    plural: 'pods',
    kind: 'Pod',
    namespaced: true,
    subresources: ['status', 'binding', 'eviction'],
    shortNames: ['po'],
    returnsDeleted: true,
    selectableFields: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.podIPs',
      'status.nominatedNodeName',
    ],
  },
  {
    plural: 'services',
    kind: 'Service',
    namespaced: true,
    subresources: status,
    shortNames: ['svc'],
    generation: false,
    returnsDeleted: true,
    selectableFields: ['spec.clusterIP', 'spec.type'],
  },
  {
    plural: 'endpoints',
    kind: 'Endpoints',
    namespaced: true,
    shortNames: ['ep'],
    createOnUpdate: true,
  },
  { plural: 'configmaps', kind: 'ConfigMap', namespaced: true, shortNames: ['cm'] },
  { plural: 'secrets', kind: 'Secret', namespaced: true, selectableFields: ['type'] },
  {
    plural: 'nodes',
    kind: 'Node',
    namespaced: false,
    subresources: status,
    shortNames: ['no'],
    generation: false,
    selectableFields: ['spec.unschedulable'],
  },
  {
    plural: 'namespaces',
    kind: 'Namespace',
    namespaced: false,
    subresources: ['status', 'finalize'],
    shortNames: ['ns'],
    generation: false,
    returnsDeleted: true,
    selectableFields: ['status.phase'],
    deletesCollections: false,
  },
  {
    plural: 'serviceaccounts',
    kind: 'ServiceAccount',
    namespaced: true,
    shortNames: ['sa'],
    returnsDeleted: true,
  },
  {
    plural: 'persistentvolumes',
    kind: 'PersistentVolume',
    namespaced: false,
    subresources: status,
    shortNames: ['pv'],
    generation: false,
    returnsDeleted: true,
  },
  {
    plural: 'persistentvolumeclaims',
    kind: 'PersistentVolumeClaim',
    namespaced: true,
    subresources: status,
    shortNames: ['pvc'],
    generation: false,
    returnsDeleted: true,
  },
  {
    plural: 'replicationcontrollers',
    kind: 'ReplicationController',
    namespaced: true,
    subresources: scalable,
    shortNames: ['rc'],
    selectableFields: ['status.replicas'],
  },
  { plural: 'limitranges', kind: 'LimitRange', namespaced: true, shortNames: ['limits'] },
  {
    plural: 'resourcequotas',
    kind: 'ResourceQuota',
    namespaced: true,
    subresources: status,
    shortNames: ['quota'],
    generation: false,
    returnsDeleted: true,
  },
  {
    plural: 'podtemplates',
    kind: 'PodTemplate',
    namespaced: true,
    returnsDeleted: true,
    generation: true,
  },
];

const groups: Readonly<Record<string, readonly Row[]>> = {
  'apps/v1': [
    {
      plural: 'deployments',
      kind: 'Deployment',
      namespaced: true,
      subresources: scalable,
      shortNames: ['deploy'],
    },
    {
      plural: 'replicasets',
      kind: 'ReplicaSet',
      namespaced: true,
      subresources: scalable,
      shortNames: ['rs'],
      selectableFields: ['status.replicas'],
    },
    {
      plural: 'statefulsets',
      kind: 'StatefulSet',
      namespaced: true,
      subresources: scalable,
      shortNames: ['sts'],
    },
    {
      plural: 'daemonsets',
      kind: 'DaemonSet',
      namespaced: true,
      subresources: status,
      shortNames: ['ds'],
    },
    { plural: 'controllerrevisions', kind: 'ControllerRevision', namespaced: true },
  ],
  'batch/v1': [
    {
      plural: 'jobs',
      kind: 'Job',
      namespaced: true,
      subresources: status,
      selectableFields: ['status.successful'],
    },
    {
      plural: 'cronjobs',
      kind: 'CronJob',
      namespaced: true,
      subresources: status,
      shortNames: ['cj'],
    },
  ],
  'autoscaling/v2': [
    {
      plural: 'horizontalpodautoscalers',
      kind: 'HorizontalPodAutoscaler',
      namespaced: true,
      subresources: status,
      shortNames: ['hpa'],
      generation: false,
    },
  ],
  'coordination.k8s.io/v1': [
    {
      plural: 'leases',
      kind: 'Lease',
      namespaced: true,
      unconditionalUpdate: false,
      createOnUpdate: true,
    },
  ],
  'discovery.k8s.io/v1': [
    { plural: 'endpointslices', kind: 'EndpointSlice', namespaced: true, generation: true },
  ],
  'networking.k8s.io/v1': [
    {
      plural: 'ingresses',
      kind: 'Ingress',
      namespaced: true,
      subresources: status,
      shortNames: ['ing'],
    },
    { plural: 'ingressclasses', kind: 'IngressClass', namespaced: false, generation: true },
    {
      plural: 'networkpolicies',
      kind: 'NetworkPolicy',
      namespaced: true,
      shortNames: ['netpol'],
      generation: true,
    },
  ],
  'policy/v1': [
    {
      plural: 'poddisruptionbudgets',
      kind: 'PodDisruptionBudget',
      namespaced: true,
      subresources: status,
      shortNames: ['pdb'],
      unconditionalUpdate: false,
    },
  ],
  'rbac.authorization.k8s.io/v1': [
    { plural: 'roles', kind: 'Role', namespaced: true, createOnUpdate: true },
    { plural: 'rolebindings', kind: 'RoleBinding', namespaced: true, createOnUpdate: true },
    { plural: 'clusterroles', kind: 'ClusterRole', namespaced: false, createOnUpdate: true },
    {
      plural: 'clusterrolebindings',
      kind: 'ClusterRoleBinding',
      namespaced: false,
      createOnUpdate: true,
    },
  ],
  'scheduling.k8s.io/v1': [
    {
      plural: 'priorityclasses',
      kind: 'PriorityClass',
      namespaced: false,
      shortNames: ['pc'],
      generation: true,
    },
  ],
  'storage.k8s.io/v1': [
    {
      plural: 'storageclasses',
      kind: 'StorageClass',
      namespaced: false,
      shortNames: ['sc'],
      returnsDeleted: true,
    },
    {
      plural: 'volumeattachments',
      kind: 'VolumeAttachment',
      namespaced: false,
      subresources: status,
      returnsDeleted: true,
      generation: false,
    },
    { plural: 'csidrivers', kind: 'CSIDriver', namespaced: false, returnsDeleted: true },
    { plural: 'csinodes', kind: 'CSINode', namespaced: false, returnsDeleted: true },
  ],
  'node.k8s.io/v1': [{ plural: 'runtimeclasses', kind: 'RuntimeClass', namespaced: false }],
  'admissionregistration.k8s.io/v1': [
    {
      plural: 'mutatingwebhookconfigurations',
      kind: 'MutatingWebhookConfiguration',
      namespaced: false,
      generation: true,
    },
    {
      plural: 'validatingwebhookconfigurations',
      kind: 'ValidatingWebhookConfiguration',
      namespaced: false,
      generation: true,
    },
  ],
  'apiextensions.k8s.io/v1': [
    {
      plural: 'customresourcedefinitions',
      kind: 'CustomResourceDefinition',
      namespaced: false,
      subresources: status,
      shortNames: ['crd', 'crds'],
      unconditionalUpdate: false,
      returnsDeleted: true,
    },
  ],
};

const events = { plural: 'events', kind: 'Event', namespaced: true, shortNames: ['ev'] } as const;

/** Every built-in resource. Custom resources and those of the options are added to these. */
export function builtInResources(): ResourceDefinition[] {
  const rows = core.map((row) => builtIn({ ...row, group: '', version: 'v1' }));
  for (const [apiVersion, list] of Object.entries(groups)) {
    const [group = '', version = ''] = apiVersion.split('/');
    rows.push(...list.map((row) => builtIn({ ...row, group, version })));
  }
  rows.push(
    builtIn({
      ...events,
      group: '',
      version: 'v1',
      createOnUpdate: true,
      selectableFields: eventFields,
    }),
    builtIn({
      ...events,
      group: 'events.k8s.io',
      version: 'v1',
      createOnUpdate: true,
      selectableFields: [
        'reason',
        'regarding.kind',
        'regarding.namespace',
        'regarding.name',
        'type',
      ],
      storageId: '/events',
      toStored: eventToCore,
      fromStored: eventFromCore,
    }),
  );
  return rows;
}

function builtIn(options: ResourceOptions & InternalOptions): ResourceDefinition {
  return defineResource({ ...options, builtIn: true });
}
