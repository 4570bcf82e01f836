/** The import table: which package may import which at run time. Types may come from further down (see `typesOnly`). */
const mayImport = {
  ratelimiter: [],
  workqueue: ['ratelimiter'],
  'workqueue-conformance': ['workqueue'],
  'workqueue-amqp': ['ratelimiter', 'workqueue', 'amqplib'],
  'workqueue-redis': ['ratelimiter', 'workqueue', '@redis/client'],
  'cache-store': [],
  client: ['ratelimiter'],
  reflector: ['ratelimiter'],
  informer: ['cache-store', 'reflector', 'eventemitter3'],
  controller: ['ratelimiter', 'workqueue', 'cache-store', 'client', 'reflector', 'informer'],
  'leader-election': ['client', 'ratelimiter'],
  metrics: ['prom-client'],
  dependents: ['cache-store', 'client', 'controller', 'informer'],
  apiserver: [],
};

const typesOnly = {
  client: ['@kubernetes/client-node'],
  reflector: ['client', 'cache-store'],
  informer: ['client', 'ratelimiter'],
  controller: ['@kubernetes/client-node'],
};

const folder = (name) =>
  name in mayImport
    ? `^packages/${name}/`
    : `(^|/)node_modules/(\\.pnpm/)?${name.replace('/', '[+/]')}(@|/|$)`;

const importTable = Object.keys(mayImport).flatMap((name) => {
  const runTime = ['^node:', `^packages/${name}/`, ...mayImport[name].map(folder)];
  const types = [...runTime, ...(typesOnly[name] ?? []).map(folder)];
  const builtin = 'core';
  return [
    {
      name: `${name}-imports-at-run-time`,
      comment: `@kubeloop/${name} may import at run time: ${mayImport[name].join(', ') || 'nothing'}`,
      severity: 'error',
      from: { path: `^packages/${name}/src/` },
      to: { pathNot: runTime, dependencyTypesNot: [builtin, 'type-only'] },
    },
    {
      name: `${name}-imports-types`,
      comment: `@kubeloop/${name} may import types of: ${types.join(', ')}`,
      severity: 'error',
      from: { path: `^packages/${name}/src/` },
      to: { pathNot: types, dependencyTypes: ['type-only'], dependencyTypesNot: [builtin] },
    },
  ];
});

export default {
  forbidden: [
    ...importTable,
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-imports-an-index',
      comment: 'Inside a package, files import each other, not the list of its exports',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/' },
      to: { path: '^packages/$1/src/index\\.ts$' },
    },
    {
      name: 'packages-import-no-app',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|temp|coverage)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['@kubeloop/source', 'import', 'node', 'types', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js'],
    },
  },
};
