/** An object to create, and a status to give it. */
export interface Manifest {
  readonly path: string;
  readonly body: object;
  readonly status?: object;
}

const template = {
  metadata: { labels: { app: 'protobuf' } },
  spec: {
    containers: [
      {
        name: 'a',
        image: 'example.com/a:1',
        ports: [{ containerPort: 80, name: 'http' }],
        resources: { requests: { cpu: '100m', memory: '0.5Gi' }, limits: { cpu: '1.5' } },
        livenessProbe: { httpGet: { path: '/', port: 'http' } },
        readinessProbe: { tcpSocket: { port: 80 } },
        env: [{ name: 'A', value: '' }],
      },
    ],
    volumes: [{ name: 'v', emptyDir: {} }],
  },
};

/** Objects with everything that is written differently in protobuf and in JSON. */
export function manyKinds(namespace: string): readonly Manifest[] {
  const path = (prefix: string, plural: string): string =>
    `${prefix}/namespaces/${namespace}/${plural}`;
  const named = (name: string, rest: object = {}): object => ({ metadata: { name }, ...rest });
  const selector = { matchLabels: { app: 'protobuf' } };
  return [
    {
      path: path('/api/v1', 'configmaps'),
      body: {
        metadata: {
          name: 'everything',
          labels: { a: '', b: 'x' },
          annotations: { text: 'é€𝄞\n"\\', empty: '' },
          finalizers: [],
        },
        data: { __proto__x: 'a', ['__proto__']: 'b', empty: '', unicode: '\u2028' },
        binaryData: { bytes: '/wD+', none: '' },
        immutable: false,
      },
    },
    {
      path: path('/api/v1', 'secrets'),
      body: named('s', { data: { a: 'AA==', b: '' }, type: 'Opaque' }),
    },
    {
      path: path('/api/v1', 'services'),
      body: named('s', {
        spec: { selector: {}, ports: [{ port: 80, targetPort: 'http' }], clusterIP: 'None' },
      }),
    },
    {
      path: path('/api/v1', 'pods'),
      body: { metadata: { name: 'p' }, spec: template.spec },
      status: {
        phase: 'Running',
        startTime: '2026-01-02T03:04:05Z',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: null }],
      },
    },
    {
      path: path('/api/v1', 'persistentvolumeclaims'),
      body: named('c', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1.5Gi' } } },
      }),
    },
    {
      path: path('/api/v1', 'resourcequotas'),
      body: named('q', { spec: { hard: { pods: '10' } } }),
    },
    {
      path: path('/api/v1', 'limitranges'),
      body: named('l', { spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] } }),
    },
    {
      path: path('/api/v1', 'endpoints'),
      body: named('e', { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }),
    },
    {
      path: path('/api/v1', 'events'),
      body: named('e', {
        involvedObject: { kind: 'Pod', name: 'p', namespace },
        eventTime: '2026-01-02T03:04:05.000006Z',
        action: 'a',
        reason: 'r',
        reportingComponent: 'c',
        reportingInstance: 'i',
        type: 'Normal',
      }),
    },
    {
      path: path('/api/v1', 'replicationcontrollers'),
      body: named('r', { spec: { replicas: 0, template } }),
    },
    { path: path('/api/v1', 'podtemplates'), body: named('t', { template }) },
    {
      path: path('/api/v1', 'serviceaccounts'),
      body: named('s', { automountServiceAccountToken: false }),
    },
    {
      path: path('/apis/apps/v1', 'deployments'),
      body: named('d', { spec: { replicas: 2, selector, template } }),
    },
    {
      path: path('/apis/apps/v1', 'statefulsets'),
      body: named('s', { spec: { replicas: 0, serviceName: '', selector, template } }),
    },
    {
      path: path('/apis/apps/v1', 'daemonsets'),
      body: named('d', { spec: { selector, template } }),
    },
    {
      path: path('/apis/apps/v1', 'controllerrevisions'),
      body: named('c', { revision: 9007199254740991, data: { spec: { a: [1, null, 'é'] } } }),
    },
    {
      path: path('/apis/batch/v1', 'cronjobs'),
      body: named('c', {
        spec: {
          schedule: '0 0 1 1 *',
          jobTemplate: {
            spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
          },
        },
      }),
    },
    {
      path: path('/apis/autoscaling/v2', 'horizontalpodautoscalers'),
      body: named('h', {
        spec: {
          maxReplicas: 3,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '1500m' } },
            },
          ],
        },
      }),
    },
    {
      path: path('/apis/policy/v1', 'poddisruptionbudgets'),
      body: named('p', { spec: { minAvailable: '50%', selector } }),
    },
    {
      path: path('/apis/networking.k8s.io/v1', 'networkpolicies'),
      body: named('n', {
        spec: {
          podSelector: {},
          ingress: [
            {},
            {
              ports: [{ port: 'http' }, { port: 80, endPort: 90 }],
              from: [{ ipBlock: { cidr: '10.0.0.0/8' } }],
            },
          ],
        },
      }),
    },
    {
      path: path('/apis/networking.k8s.io/v1', 'ingresses'),
      body: named('i', {
        spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
      }),
    },
    {
      path: path('/apis/discovery.k8s.io/v1', 'endpointslices'),
      body: named('e', {
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.0.0.1'], conditions: {} }],
        ports: [],
      }),
    },
    {
      path: path('/apis/coordination.k8s.io/v1', 'leases'),
      body: named('l', {
        spec: {
          holderIdentity: 'me',
          leaseDurationSeconds: 15,
          renewTime: '2026-01-02T03:04:05.123456Z',
        },
      }),
    },
    {
      path: path('/apis/rbac.authorization.k8s.io/v1', 'roles'),
      body: named('r', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
    },
    {
      path: path('/apis/rbac.authorization.k8s.io/v1', 'roles'),
      body: named('empty', { rules: [] }),
    },
    {
      path: path('/apis/rbac.authorization.k8s.io/v1', 'rolebindings'),
      body: named('r', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }],
      }),
    },
    {
      path: '/apis/storage.k8s.io/v1/storageclasses',
      body: named(namespace, { provisioner: 'example.com/none', parameters: { a: 'b' } }),
    },
    {
      path: '/api/v1/persistentvolumes',
      body: named(namespace, {
        spec: {
          capacity: { storage: '1e3' },
          accessModes: ['ReadWriteOnce'],
          hostPath: { path: '/tmp' },
        },
      }),
    },
    {
      path: '/api/v1/nodes',
      body: named(namespace, { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }),
      status: { capacity: { cpu: '4', memory: '16Gi' }, conditions: [] },
    },
    { path: '/apis/scheduling.k8s.io/v1/priorityclasses', body: named(namespace, { value: -7 }) },
    {
      path: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
      body: named(namespace, {
        webhooks: [
          {
            name: 'a.example.com',
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            failurePolicy: 'Ignore',
            clientConfig: { url: 'https://127.0.0.1:1/', caBundle: '' },
            rules: [
              {
                apiGroups: ['none.example.com'],
                apiVersions: ['v1'],
                operations: ['CREATE'],
                resources: ['nones'],
              },
            ],
          },
        ],
      }),
    },
  ];
}
