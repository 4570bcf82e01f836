import { arrayAt, cloneJson, isObject, type JsonObject, type JsonValue } from '../json.ts';

/** Values for members that are absent; nested objects are filled only where they are present. */
type Defaults = { readonly [member: string]: JsonValue };

const pod: Defaults = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
};
/** What admission adds to pods, but not to templates. */
const admitted: Defaults = {
  priority: 0,
  preemptionPolicy: 'PreemptLowerPriority',
  enableServiceLinks: true,
};
const container: Defaults = {
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};
const probe: Defaults = {
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
};

/** Defaults of `spec` by storage id. */
const specs: Readonly<Record<string, Defaults>> = {
  'apps/deployments': {
    replicas: 1,
    strategy: { type: 'RollingUpdate' },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  },
  'apps/replicasets': { replicas: 1 },
  'apps/statefulsets': {
    replicas: 1,
    serviceName: '',
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  },
  'apps/daemonsets': {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    revisionHistoryLimit: 10,
  },
  '/replicationcontrollers': { replicas: 1 },
  'batch/jobs': {
    completions: 1,
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  },
  'batch/cronjobs': {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  },
  '/services': {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  },
  '/namespaces': { finalizers: ['kubernetes'] },
  '/persistentvolumeclaims': { volumeMode: 'Filesystem' },
  '/persistentvolumes': { volumeMode: 'Filesystem', persistentVolumeReclaimPolicy: 'Retain' },
  'autoscaling/horizontalpodautoscalers': { minReplicas: 1 },
  'apiextensions.k8s.io/customresourcedefinitions': { conversion: { strategy: 'None' } },
  'networking.k8s.io/networkpolicies': { policyTypes: ['Ingress'] },
};

/** Defaults beside `spec`, by storage id. */
const tops: Readonly<Record<string, Defaults>> = {
  '/secrets': { type: 'Opaque' },
  'storage.k8s.io/storageclasses': { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
};

/** The `status` of a new object, by storage id; others start without one or with `{}`. */
const statuses: Readonly<Record<string, Defaults>> = {
  '/pods': { phase: 'Pending', qosClass: 'BestEffort' },
  '/namespaces': { phase: 'Active' },
  '/services': { loadBalancer: {} },
  '/persistentvolumes': { phase: 'Pending' },
  '/persistentvolumeclaims': { phase: 'Pending' },
  'apps/replicasets': { replicas: 0 },
  'apps/statefulsets': { replicas: 0, availableReplicas: 0 },
  'apps/daemonsets': {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  },
  'networking.k8s.io/ingresses': { loadBalancer: {} },
  'policy/poddisruptionbudgets': {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  },
};

/** Where the pod template of a kind is, from `spec`. */
const templates: Readonly<Record<string, readonly string[]>> = {
  'apps/deployments': ['template'],
  'apps/replicasets': ['template'],
  'apps/statefulsets': ['template'],
  'apps/daemonsets': ['template'],
  '/replicationcontrollers': ['template'],
  'batch/jobs': ['template'],
  'batch/cronjobs': ['jobTemplate', 'spec', 'template'],
};

/**
 * Fills the defaults of a built-in kind into `object`, in place. What has them already is not written
 * to, since parts of the object may be shared with a stored one.
 */
export function applyDefaults(storageId: string, object: JsonObject): void {
  fill(object, tops[storageId]);
  const defaults = specs[storageId];
  if (defaults !== undefined && object['spec'] === undefined) object['spec'] = {};
  const spec = object['spec'];
  if (!isObject(spec)) return;
  fill(spec, defaults);
  if (storageId === '/pods') {
    podSpec(spec);
    fill(spec, admitted);
    tolerateNodeFailures(spec);
  }
  if (storageId === 'apps/deployments') rollingUpdate(spec);
  if (storageId === '/services') servicePorts(spec);
  if (storageId === 'apiextensions.k8s.io/customresourcedefinitions') definitionNames(spec);
  const path = templates[storageId];
  if (path !== undefined) {
    const template = path.reduce<JsonValue | undefined>(
      (value, step) => (isObject(value) ? value[step] : undefined),
      spec,
    );
    if (isObject(template) && isObject(template['spec'])) podSpec(template['spec']);
  }
}

/** The status that a new object of a built-in kind starts with. */
export function initialStatus(storageId: string): JsonObject {
  return cloneJson(statuses[storageId] ?? {});
}

function fill(target: JsonObject, defaults: Defaults | undefined): void {
  if (defaults === undefined) return;
  for (const [key, value] of Object.entries(defaults)) {
    if (target[key] === undefined || target[key] === null) target[key] = cloneJson(value);
  }
}

function podSpec(spec: JsonObject): void {
  fill(spec, pod);
  for (const list of ['containers', 'initContainers']) {
    for (const item of arrayAt(spec, list)) {
      if (!isObject(item)) continue;
      fill(item, container);
      item['imagePullPolicy'] ??= pullPolicy(item['image']);
      for (const port of arrayAt(item, 'ports')) if (isObject(port)) port['protocol'] ??= 'TCP';
      for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
        const found = item[name];
        if (isObject(found)) fill(found, probe);
      }
    }
  }
}

/** Pods wait five minutes for a node that is not ready, unless they say something else. */
function tolerateNodeFailures(spec: JsonObject): void {
  const tolerations = [...arrayAt(spec, 'tolerations')];
  const before = tolerations.length;
  for (const condition of ['not-ready', 'unreachable']) {
    const key = `node.kubernetes.io/${condition}`;
    const covered = tolerations.some((item) => isObject(item) && (item['key'] ?? key) === key);
    if (covered) continue;
    tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  }
  if (tolerations.length > before) spec['tolerations'] = tolerations;
}

/** `Always` for the tag `latest` and for no tag, as the real defaults. */
function pullPolicy(image: JsonValue | undefined): string {
  if (typeof image !== 'string' || image.includes('@')) return 'IfNotPresent';
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function rollingUpdate(spec: JsonObject): void {
  const strategy = spec['strategy'];
  if (!isObject(strategy)) return;
  strategy['type'] ??= 'RollingUpdate';
  if (strategy['type'] !== 'RollingUpdate') return;
  if (!isObject(strategy['rollingUpdate'])) strategy['rollingUpdate'] = {};
  fill(strategy['rollingUpdate'], { maxUnavailable: '25%', maxSurge: '25%' });
}

function servicePorts(spec: JsonObject): void {
  for (const port of arrayAt(spec, 'ports')) {
    if (!isObject(port)) continue;
    port['protocol'] ??= 'TCP';
    port['targetPort'] ??= port['port'];
  }
}

function definitionNames(spec: JsonObject): void {
  const names = spec['names'];
  if (!isObject(names) || typeof names['kind'] !== 'string' || names['kind'] === '') return;
  names['singular'] ??= names['kind'].toLowerCase();
  names['listKind'] ??= `${names['kind']}List`;
}
